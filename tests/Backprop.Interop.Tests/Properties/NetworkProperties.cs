using System.Numerics;
using Backprop.Audit;
using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Planning;
using Backprop.Torch;
using Backprop.Training;
using CsCheck;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace Backprop.Interop.Tests.Properties;

/// <summary>Random networks of every layer beside the same networks in PyTorch.</summary>
[Collection(TorchCollection.Name)]
public sealed class NetworkProperties(ITestOutputHelper output)
{
    private const double MostLogit = 80;

    private static readonly EngineOptions OneThread = new() { Threads = 1 };

    [Fact]
    public void RandomNetworksAreTorchs() => RandomCases.Check(output, "networks", "Random networks of every layer", 0.15, NetworkCase.Gen, Check);

    [Fact]
    public void EveryLayerIsInTheTable()
    {
        // A head may be given the last signal or the one before.
        var used = Enumerable.Range(0, NetworkLayer.All.Count)
            .SelectMany(kind => Enumerable.Range(0, 10).SelectMany(choice => new NetworkCase(7, 2, 0, false, NetworkChecks.None, [new(0, 1), new(kind, choice)], [new(0, choice)]).ToModel().Signals))
            .Select(signal => signal.Layer?.GetType());
        var layers = typeof(Layer).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Layer)) && !type.IsAbstract);
        // An operation of one's own has no counterpart in PyTorch.
        var missing = layers.Except(used.OfType<Type>()).Except([typeof(Custom)]).Select(type => type.Name);
        Assert.True(!missing.Any(), $"Add to {nameof(NetworkLayer)}.{nameof(NetworkLayer.All)}: {string.Join(", ", missing)}");
    }

    private static void Check(NetworkCase description, Tally tally)
    {
        var model = description.ToModel();
        var table = description.ToTable(model);
        var (wide, weights) = (table.To<double>(), Initializers.Default<float>(model, description.Seed));
        var exact = weights.To<double>();
        var bound = new NetworkBounds(exact, wide, new TorchRandom(description.Seed));
        if (!bound.IsFinite || bound.IsOpen(Bounded.Double))
        {
            tally.Skip();
            return;
        }

        tally.Count();
        var (ours, theirs) = (Ours(exact, wide, description.Seed, OneThread), Theirs(exact, wide, description.Seed));
        Compare(bound, ours, theirs, Bounded.Double, "double", tally);
        if (description.Checks.HasFlag(NetworkChecks.SameBits))
        {
            CheckBits(exact, wide, description.Seed, ours);
            tally.Note("the same bits on other threads, vectors and recomputed");
        }

        if (description.Checks.HasFlag(NetworkChecks.Float))
        {
            CheckFloat(description, weights, table, bound, tally);
        }

        if (description.Checks.HasFlag(NetworkChecks.File))
        {
            CheckFile(weights, table);
            tally.Note("the same scores from a file");
        }

        if (description.Checks.HasFlag(NetworkChecks.Steps))
        {
            CheckSteps(description, exact, wide, tally);
        }
    }

    private static void CheckBits(Weights<double> weights, Examples<double> table, int seed, NetworkNumbers ours)
    {
        var random = new Random(seed);
        var engine = new EngineOptions { Threads = 1 + random.Next(4), VectorBits = new[] { 512, 256, 128, 0 }[random.Next(4)], Recompute = random.Next(2) == 0 };
        var again = Ours(weights, table, seed, engine);
        for (var i = 0; i < ours.Values.Count; i++)
        {
            Assert.True(
                ours.Values[i].Numbers.SequenceEqual(again.Values[i].Numbers),
                $"{ours.Values[i].Name} has other bits with {engine.Threads} threads, vectors of {engine.VectorBits} bits{(engine.Recompute ? ", recomputed" : "")}");
        }
    }

    private static void CheckFloat(NetworkCase description, Weights<float> weights, Examples<float> table, NetworkBounds bound, Tally tally)
    {
        if (bound.IsOpen(Bounded.Float))
        {
            tally.Note("float at a kink, not compared");
            return;
        }

        var (ours, theirs) = (Ours(weights, table, description.Seed, OneThread), Theirs(weights, table, description.Seed));
        Compare(bound, ours, theirs, Bounded.Float, "float", tally);
        tally.Note("float error in norm beside PyTorch's own", CompareErrors(bound, ours, theirs));
    }

    private static void CheckFile(Weights<float> weights, Examples<float> table)
    {
        var network = new Network<float>(weights);
        using var file = new MemoryStream();
        network.Save(new(file));
        file.Position = 0;
        var loaded = Network<float>.Load(new(file));
        var (before, after) = (new float[table.Rows * weights.Model.Outputs], new float[table.Rows * weights.Model.Outputs]);
        network.Score(table.Features, before);
        loaded.Score(table.Features, after, threads: 1);
        Assert.Equal(before.Select(BitConverter.SingleToUInt32Bits), after.Select(BitConverter.SingleToUInt32Bits));
        Assert.Equal(weights.Hash(), loaded.CopyWeights().Hash());
    }

    /// <summary>Each step from the same weights, so that it is held to the rounding of one; momentum adds up what the steps before it erred.</summary>
    private static void CheckSteps(NetworkCase description, Weights<double> weights, Examples<double> table, Tally tally)
    {
        const double rate = 0.05, momentum = 0.9;
        var random = new Random(description.Seed);
        var optimizer = new Sgd { LearningRate = rate, Momentum = momentum, Nesterov = random.Next(2) == 0, WeightDecay = random.Next(2) * 0.01 };
        using var twin = new TorchModel<double>(weights, optimizer);
        var stream = new TorchRandom(description.Seed);
        using var step = new TrainingStep<double>(weights, optimizer, description.Rows, OneThread, random: stream);
        manual_seed(description.Seed);
        int[] rows = [.. Enumerable.Range(0, description.Rows)];
        var (ours, theirs, allowed) = (weights.Clone(), weights.Clone(), new double[weights.Values.Length]);
        for (var i = 0; i < 1 + random.Next(3); i++)
        {
            var bound = new NetworkBounds(ours, table, TorchRandom.FromState(stream.SaveState()));
            if (!bound.IsFinite || !IsTame(bound) || bound.IsOpen(Bounded.Double))
            {
                return;
            }

            twin.CopyFrom(ours);
            twin.Step(table, rows);
            step.Run(table, rows);
            step.CopyWeightsTo(ours);
            twin.CopyTo(theirs);
            var worst = 0.0;
            foreach (var tensor in ours.Tensors)
            {
                var errors = bound.After(tensor).Errors;
                for (var k = 0; k < tensor.Length; k++)
                {
                    // The update is at most (1 + momentum) of all that was added to the momentum, and takes some roundings of its own.
                    ref var sum = ref allowed[tensor.Offset + k];
                    sum = tensor.Learned ? sum + 2 * rate * errors[k] : errors[k];
                    var most = Bound.Both * Bounded.Double * (sum + 4 * Math.Abs(ours[tensor][k]) + double.Epsilon);
                    var difference = Math.Abs(ours[tensor][k] - theirs[tensor][k]);
                    Assert.True(difference <= most, $"Step {i + 1}, {tensor.Name}[{k}]: ours {ours[tensor][k]:R}, PyTorch's {theirs[tensor][k]:R}; rounding explains {most:G3}");
                    worst = difference > 0 ? Math.Max(worst, difference / most) : worst;
                }
            }

            tally.Note("a step's weights and statistics", worst);
        }
    }

    /// <summary>Holds two libraries' numbers to what rounding explains.</summary>
    private static void Compare(NetworkBounds bound, NetworkNumbers ours, NetworkNumbers theirs, double unit, string precision, Tally tally)
    {
        foreach (var ((name, numbers), (_, other), tensor) in ours.Values.Zip(theirs.Values, bound.Tensors))
        {
            var kind = name.StartsWith('∂') ? "gradient" : name;
            tally.Note($"{kind} in {precision}", Bound.Compare(numbers, other, tensor.Values, tensor.Errors, unit, () => $"{name} in {precision}"));
        }
    }

    /// <summary>The largest share of what our float error in norm may be, beside PyTorch's own.</summary>
    private static double CompareErrors(NetworkBounds bound, NetworkNumbers ours, NetworkNumbers theirs)
    {
        var worst = 0.0;
        foreach (var ((name, numbers), (_, other), tensor) in ours.Values.Zip(theirs.Values, bound.Tensors))
        {
            var judged = Criteria.Judge(numbers, tensor, Bounded.Float, Criteria.Judge(other, tensor, Bounded.Float));
            Assert.True(judged.Error <= judged.Limit, $"{name} in float is off by {judged.Error:G3} in norm, and {judged.Limit:G3} is allowed");
            worst = judged.Error > 0 ? Math.Max(worst, judged.Error / judged.Limit) : worst;
        }

        return worst;
    }

    /// <summary>Whether e to the power of a logit is far from overflowing: training on random labels may diverge, and PyTorch then gives NaN where the limit is finite.</summary>
    private static bool IsTame(NetworkBounds bound) => !bound.Logits.Any(logits => logits.Values.Any(logit => Math.Abs(logit) > MostLogit));

    private static NetworkNumbers Ours<T>(Weights<T> weights, Examples<T> table, int seed, EngineOptions engine) where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var pass = new GradientPass<T>(weights.Model, table.Rows, engine, random: new TorchRandom(seed));
        return NetworkNumbers.Of<T>(weights.Model, table.Rows, (gradients, logits) => pass.Run(weights, table, Rows(table), gradients, logits));
    }

    private static NetworkNumbers Theirs<T>(Weights<T> weights, Examples<T> table, int seed) where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var twin = new TorchModel<T>(weights);
        manual_seed(seed);
        return NetworkNumbers.Of<T>(weights.Model, table.Rows, (gradients, logits) => twin.Gradients(table, Rows(table), gradients, logits));
    }

    private static int[] Rows<T>(Examples<T> table) where T : unmanaged, IFloatingPointIeee754<T> => [.. Enumerable.Range(0, table.Rows)];
}
