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
    public void StepsAreTorchsAndBitsDoNotDependOnThreadsVectorsOrFiles() => RandomCases.Check(
        output, "networks", "Random networks of every layer", 0.15, Gen.Long[0, 1L << 30].Select(number => Moderate(NetworkCases.Of(2, number))), Check);

    private static void Check(NetworkCase description, Tally tally)
    {
        var model = description.ToModel();
        var (weights, table) = (description.ToWeights(model), description.ToBatch(model));
        var (exact, wide, seed) = (weights.To<double>(), table.To<double>(), (int)(description.Seed & int.MaxValue));
        tally.Count();
        CheckBits(exact, wide, seed);
        tally.Note("the same bits on other threads, vectors and recomputed");
        CheckFile(weights, table);
        tally.Note("the same scores from a file");
        CheckSteps(seed, exact, wide, tally);
    }

    /// <summary>Steps of extreme networks overflow.</summary>
    private static NetworkCase Moderate(NetworkCase of)
        => of with { WeightScale = 1, FeatureScale = 1, DeadPercent = 0, SaturatedPercent = 0, DensityPercent = 100 };

    private static void CheckBits(Weights<double> weights, Examples<double> table, int seed)
    {
        var (random, ours) = (new Random(seed), Ours(weights, table, seed, OneThread));
        var engine =
            new EngineOptions { Threads = 1 + random.Next(4), VectorBits = new[] { 512, 256, 128, 0 }[random.Next(4)], Recompute = random.Next(2) == 0 };
        var again = Ours(weights, table, seed, engine);
        for (var i = 0; i < ours.Values.Count; i++)
        {
            Assert.True(
                ours.Values[i].Numbers.SequenceEqual(again.Values[i].Numbers),
                $"{ours.Values[i].Name} has other bits with {engine.Threads} threads, "
                    + $"vectors of {engine.VectorBits} bits{(engine.Recompute ? ", recomputed" : "")}");
        }
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

    /// <summary>
    /// Each step from the same weights, so that it is held to the rounding of one; momentum adds up what the steps before it erred. Ours is
    /// held to plain loops, and theirs to ours: to half of the digits where libtorch's celu divides by an α rounded to float, in double too.
    /// </summary>
    private static void CheckSteps(int seed, Weights<double> weights, Examples<double> table, Tally tally)
    {
        const double rate = 0.05, momentum = 0.9;
        var random = new Random(seed);
        var optimizer = new Sgd { LearningRate = rate, Momentum = momentum, Nesterov = random.Next(2) == 0, WeightDecay = random.Next(2) * 0.01 };
        using var twin = new TorchModel<double>(weights, optimizer);
        var stream = new TorchRandom(seed);
        using var step = new TrainingStep<double>(weights, optimizer, table.Rows, OneThread, random: stream);
        manual_seed(seed);
        int[] rows = [.. Enumerable.Range(0, table.Rows)];
        var (ours, theirs, plain, allowed) = (weights.Clone(), weights.Clone(), weights.Clone(), new double[weights.Values.Length]);
        var (loops, gradients) = (new OptimizerLoops(optimizer, plain), weights.Clone());
        var rounds =
            weights.Model.Signals.Any(signal => signal.Layer is Activate { Function: { Family: "celu", Parameters: [var alpha] } } && alpha != (float)alpha);
        for (var i = 0; i < 1 + random.Next(3); i++)
        {
            var bound = new NetworkBounds(ours, table, TorchRandom.FromState(stream.SaveState()));
            if (!bound.IsFinite || !IsTame(bound) || bound.IsOpen(Bounded.Double))
            {
                return;
            }

            twin.CopyFrom(ours);
            twin.Step(table, rows);
            ours.Values.CopyTo(plain.Values);
            foreach (var tensor in ours.Tensors)
            {
                bound.After(tensor).Values.CopyTo(gradients[tensor]);
            }

            loops.Step(gradients);
            foreach (var statistics in ours.Tensors.Where(tensor => !tensor.Learned))
            {
                gradients[statistics].CopyTo(plain[statistics]);
            }

            step.Run(table, rows);
            step.CopyWeightsTo(ours);
            twin.CopyTo(theirs);
            var worst = 0.0;
            foreach (var tensor in ours.Tensors)
            {
                var errors = bound.After(tensor).Errors;
                var most = new double[tensor.Length];
                for (var k = 0; k < tensor.Length; k++)
                {
                    // The update is at most (1 + momentum) of all that was added to the momentum, and takes some roundings of its own.
                    ref var sum = ref allowed[tensor.Offset + k];
                    sum = tensor.Learned ? sum + 2 * rate * errors[k] : errors[k];
                    most[k] = sum + 4 * Math.Abs(ours[tensor][k]) + double.Epsilon;
                }

                string Where() => $"Step {i + 1}, {tensor.Name}";
                Bound.Compare(ours[tensor], plain[tensor], plain[tensor], most, Bounded.Double / 2, Where);
                if (rounds)
                {
                    Bound.Compare(ours[tensor], theirs[tensor], plain[tensor], [.. most.Select(_ => most.Max())], Math.Sqrt(Bounded.Double), Where);
                }
                else
                {
                    worst = Math.Max(worst, Bound.Compare(ours[tensor], theirs[tensor], plain[tensor], most, Bounded.Double, Where).Worst);
                }
            }

            tally.Note("a step's weights and statistics", worst);
        }
    }

    /// <summary>
    /// Whether e to the power of a logit is far from overflowing: training on random labels may diverge, and PyTorch then gives NaN where the limit
    /// is finite.
    /// </summary>
    private static bool IsTame(NetworkBounds bound) => !bound.Logits.Any(logits => logits.Values.Any(logit => Math.Abs(logit) > MostLogit));

    private static NetworkNumbers Ours<T>(Weights<T> weights, Examples<T> table, int seed, EngineOptions engine) where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var pass = new GradientPass<T>(weights.Model, table.Rows, engine, random: new TorchRandom(seed));
        return NetworkNumbers.Of<T>(weights.Model, table.Rows, (gradients, logits) => pass.Run(weights, table, Rows(table), gradients, logits));
    }

    private static int[] Rows<T>(Examples<T> table) where T : unmanaged, IFloatingPointIeee754<T> => [.. Enumerable.Range(0, table.Rows)];
}
