using System.Numerics;
using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;
using Backprop.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>An optimizer's kernels on given gradients, beside the paper's recursion in double and PyTorch's optimizer.</summary>
/// <remarks>
/// The recursion is the reference; what rounding may do is read off the update's own lines, step after step. The gradients have sizes
/// from 1e-6 to 100, some are 0 and signs change; some weights start at 0.
/// </remarks>
internal static class OptimizerRows
{
    private const string Area = "optimizer";
    private const int Steps = 12, Count = 37;

    /// <summary>Every optimizer of the catalogue, and each kind with L2, decoupled and L1 regularisation.</summary>
    public static IEnumerable<Optimizer> All => Optimizer.All.Concat(Optimizer.All.DistinctBy(o => o.Name).SelectMany(o => new[]
    {
        o with { WeightDecay = 0.02, DecoupledWeightDecay = false },
        o with { WeightDecay = 0.02, DecoupledWeightDecay = true },
        o with { L1 = 0.003 },
    })).Select(Comparable).Distinct();

    /// <summary>The optimizer at a learning rate at which TorchSharp's is PyTorch's: RAdam's is at 1 only.</summary>
    public static Optimizer Comparable(Optimizer optimizer) => optimizer is Formulas.RAdam ? optimizer with { LearningRate = 1 } : optimizer;

    /// <summary>Audits one.</summary>
    public static IEnumerable<Finding> Run(Optimizer optimizer) => Run(optimizer, optimizer);

    /// <summary>Audits one that is to be another, such as a broken one to see the audit fail.</summary>
    public static IEnumerable<Finding> Run(Optimizer optimizer, Optimizer meant) => [In<float>(optimizer, meant), In<double>(optimizer, meant)];

    private static Finding In<T>(Optimizer optimizer, Optimizer meant) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (start, gradients) = (Draw(1, 1), Draw(2, Steps));
        for (var i = 0; i < gradients.Length; i++)
        {
            gradients[i] = i % 11 == 5 ? 0 : (float)(gradients[i] * Math.Pow(10, i % Count % 9 - 6));
            start[i % Count] = i % Count % 8 == 3 ? 0 : start[i % Count];
        }

        var bounds = meant.Accept(new Reading(start, gradients, meant.LearningRate));
        var (ours, expected) = (Engine<T>(optimizer, start, gradients), Recursion(meant, start, gradients));
        var constants = ConstantsOf(meant);
        for (var i = 0; i < Count; i++)
        {
            bounds[i] = bounds[i] * Curves.Unit<T>() + (3 * bounds[i] + constants * Math.Abs(expected[i] - start[i])) * Curves.Unit<double>();
        }

        return new PointComparison(ours, Torch<T>(meant, start, gradients), expected, bounds, i => $"weight {i} after {Steps} steps from {start[i]}")
            .Judge(Area, NameOf(meant), $"steps on given gradients in {Curves.Name<T>()}");
    }

    /// <summary>The hyper-parameters that are not the usual ones, behind the name.</summary>
    public static string NameOf(Optimizer optimizer)
    {
        var usual = (Optimizer)Activator.CreateInstance(optimizer.GetType())!;
        var own = optimizer.GetType().GetProperties().Where(p => p.CanWrite && !Equals(p.GetValue(optimizer), p.GetValue(usual)));
        return string.Join(' ', own.Select(p => FormattableString.Invariant($"{p.Name}={p.GetValue(optimizer)}")).Prepend(optimizer.Name));
    }

    /// <summary>
    /// The roundings of a step's constants, in units of the distance travelled: powers of β by repeated products, and the differences
    /// of 1 and them. RAdam's rectification subtracts two numbers near 2/(1 − β₂), whose difference can be as small as 1.
    /// </summary>
    private static double ConstantsOf(Optimizer optimizer) => optimizer switch
    {
        Formulas.RAdam radam => 8 * Steps / (1 - radam.Beta2) * (2 / (1 - radam.Beta2)),
        Formulas.Adam adam => 8 * Steps / (1 - adam.Beta2),
        Formulas.NAdam nadam => 8 * Steps / (1 - nadam.Beta2),
        Formulas.Adamax adamax => 8 * Steps / (1 - adamax.Beta1),
        _ => 8,
    };

    private static double[] Draw(long seed, int rows)
    {
        var numbers = new float[rows * Count];
        new TorchRandom(seed).FillUniform(numbers, -1, 1);
        return Array.ConvertAll(numbers, x => (double)x);
    }

    /// <summary>By the engine's step: the gradient of a bias-free linear unit whose loss is its output is its input.</summary>
    public static double[] Engine<T>(Optimizer optimizer, double[] start, double[] gradients, UpdateOptions? updates = null) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var model = Model.Of(
            Signal.Features(start.Length).Through(new Models.Layers.Linear(1) { Bias = false }),
            Head.Regression with { OutputLoss = Formulas.Loss.Of(new Output()), StandardiseLabels = false });
        var weights = new Weights<T>(model);
        Array.ConvertAll(start, T.CreateTruncating).CopyTo(weights.Values);
        using var step = new TrainingStep<T>(weights, optimizer, 1, new() { Threads = 1 }, updates: updates);
        var steps = gradients.Length / start.Length;
        var table = new Examples<T>(steps, Array.ConvertAll(gradients, T.CreateTruncating), new T[steps]);
        for (var t = 0; t < steps; t++)
        {
            step.Run(table, [t]);
        }

        step.CopyWeightsTo(weights);
        return Array.ConvertAll(weights.Values.ToArray(), double.CreateTruncating);
    }

    private static double[] Recursion(Optimizer optimizer, double[] start, double[] gradients)
    {
        var model = Model.Of(Signal.Features(Count).Through(new Models.Layers.Linear(1) { Bias = false }), Head.Regression);
        var (weights, gradient) = (new Weights<double>(model), new Weights<double>(model));
        start.CopyTo(weights.Values);
        var loops = new OptimizerLoops(optimizer, weights);
        for (var t = 0; t < Steps; t++)
        {
            gradients.AsSpan(t * Count, Count).CopyTo(gradient.Values);
            loops.Step(gradient);
        }

        return weights.Values.ToArray();
    }

    public static double[]? Torch<T>(Optimizer optimizer, double[] start, double[] gradients) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!TorchLibrary.IsAvailable || (optimizer is { DecoupledWeightDecay: true, WeightDecay: > 0 } and not Formulas.AdamW) || optimizer is Formulas.Rprop { WeightDecay: > 0 })
        {
            return null;
        }

        using var scope = NewDisposeScope();
        var type = typeof(T) == typeof(float) ? ScalarType.Float32 : ScalarType.Float64;
        using var weights = new Parameter(tensor(start).to(type));
        using var twin = Twins.Of(optimizer with { L1 = 0 }, [weights]);
        for (var t = 0; t < gradients.Length / start.Length; t++)
        {
            weights.grad = tensor(gradients.AsSpan(t * start.Length, start.Length).ToArray()).to(type) + weights.detach().sign() * optimizer.L1;
            twin.step();
        }

        return Curves.Wide(weights);
    }

    /// <summary>The output itself as the loss: slope 1.</summary>
    private readonly record struct Output : ILoss
    {
        public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => z;

        public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => 1;
    }

    /// <summary>Reads the update's lines for the error of each weight, step after step, in units.</summary>
    private sealed class Reading(double[] start, double[] gradients, double rate) : IOptimizerVisitor<double[]>
    {
        public double[] Visit<TUpdate>(IOptimizer<TUpdate> optimizer) where TUpdate : struct, IUpdate
        {
            var weights = Array.ConvertAll(start, PointReading.Exact);
            var (first, second, third) = (new Bounded[Count], new Bounded[Count], new Bounded[Count]);
            for (var step = 0; step < Steps; step++)
            {
                var update = optimizer.At(step + 1, rate);
                for (var i = 0; i < Count; i++)
                {
                    update.Apply(PointReading.Exact(gradients[step * Count + i]), ref weights[i], ref first[i], ref second[i], ref third[i]);
                }
            }

            return Array.ConvertAll(weights, w => w.Error);
        }
    }
}
