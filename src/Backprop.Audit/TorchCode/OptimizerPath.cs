using System.Numerics;
using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>
/// Weights after each step on given gradients: by the paper's recursion in double, with how far rounding may put them off; by engine and PyTorch.
/// </summary>
/// <remarks>
/// What rounding may do is read off the update's own lines, step after step. What is computed from a hyper-parameter may cancel, as 1 − β₂ᵗ
/// does, in whose place a rounding of the parameter is: by so much weights move where it is moved.
/// </remarks>
internal sealed class OptimizerPath
{
    // Theirs may round twice as often as the formula, and functions of the hyper-parameters too.
    private const double Allowance = 4;

    // Of a hyper-parameter: what is computed from it, in a few dozen operations, may be off as if it were. Several, as what cancels, as
    // RAdam's difference of two numbers near 2/(1 − β₂), rounds differently each time.
    private static readonly double[] ParameterRoundings = [32, 30, 28, 26, 24, 22];

    private readonly Bounded[][] read;
    private readonly double[][] sensitivity;
    private readonly Lazy<double[][]> weights;

    /// <summary>Walks it.</summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="start">The first weights.</param>
    /// <param name="gradients">Each step's gradients.</param>
    public OptimizerPath(Optimizer optimizer, double[] start, double[][] gradients)
    {
        read = optimizer.Accept(new Reading(start, gradients, optimizer.LearningRate));
        sensitivity = Sensitivity(optimizer, start, gradients);
        // A formula of one's own has no second text.
        weights = new(() => Optimizer.All.Any(known => known.GetType() == optimizer.GetType())
            ? Recursion(optimizer, start, gradients) : Array.ConvertAll(read, step => Array.ConvertAll(step, w => w.Value)));
    }

    /// <summary>The weights after each step.</summary>
    public double[][] Weights => weights.Value;

    /// <summary>How far each may be off after a step, in a precision of that roundoff.</summary>
    public double[] BoundsAfter(int step, double unit)
        => [.. read[step].Zip(sensitivity[step], (w, moved) => (unit + (Allowance - 1) * Bounded.Double) * w.Error + Allowance * moved)];

    /// <summary>By the engine's step: the gradient of a bias-free linear unit whose loss is its output is its input.</summary>
    public static double[][] Engine<T>(Optimizer optimizer, double[] start, double[][] gradients, UpdateOptions? updates = null)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var weights = new Weights<T>(Unit(start.Length));
        Doubles.In<T>(start).CopyTo(weights.Values);
        using var step = new TrainingStep<T>(weights, optimizer, 1, new() { Threads = 1 }, updates: updates);
        var table = new Examples<T>(gradients.Length, Doubles.In<T>(gradients.SelectMany(g => g).ToArray()), new T[gradients.Length]);
        return [.. gradients.Select((_, t) =>
        {
            step.Run(table, [t]);
            step.CopyWeightsTo(weights);
            return Doubles.Of<T>(weights.Values);
        })];
    }

    /// <summary>By an optimizer of libtorch's.</summary>
    /// <param name="make">Makes it of the parameters it is given.</param>
    /// <param name="start">The first weights.</param>
    /// <param name="gradients">Each step's gradients.</param>
    /// <param name="l1">Of L1, which PyTorch's optimizers have not: added to the gradients.</param>
    public static (string Name, double[][] Weights) Torch<T>(
        Func<IEnumerable<Parameter>, optim.Optimizer> make, double[] start, double[][] gradients, double l1 = 0)
    {
        using var scope = NewDisposeScope();
        using var weights = new Parameter(tensor(start).to(Doubles.TypeOf<T>()));
        using var optimizer = make([weights]);
        double[][] path = [.. gradients.Select(gradient =>
        {
            optimizer.zero_grad();
            weights.grad = tensor(gradient).to(weights.dtype) + weights.detach().sign() * l1;
            optimizer.step();
            return Doubles.Of(weights);
        })];
        return (optimizer.GetType().Name, path);
    }

    private static double[][] Recursion(Optimizer optimizer, double[] start, double[][] gradients)
    {
        var model = Unit(start.Length);
        var (weights, of) = (new Weights<double>(model), new Weights<double>(model));
        start.CopyTo(weights.Values);
        var loops = new OptimizerLoops(optimizer, weights);
        return [.. gradients.Select(gradient =>
        {
            gradient.CopyTo(of.Values);
            loops.Step(of);
            return weights.Values.ToArray();
        })];
    }

    private double[][] Sensitivity(Optimizer optimizer, double[] start, double[][] gradients)
    {
        double[][] sum = [.. read.Select(weights => new double[weights.Length])];
        foreach (var others in HyperParameters.Moved(optimizer, [.. ParameterRoundings.Select(rounding => rounding * Bounded.Double)]))
        {
            var farthest = Array.ConvertAll(sum, weights => new double[weights.Length]);
            foreach (var other in others)
            {
                foreach (var (step, weights) in other.Accept(new Reading(start, gradients, optimizer.LearningRate)).Index())
                {
                    for (var i = 0; i < weights.Length; i++)
                    {
                        farthest[step][i] = Math.Max(farthest[step][i], Math.Abs(weights[i].Value - read[step][i].Value));
                    }
                }
            }

            sum = [.. sum.Zip(farthest, (a, b) => a.Zip(b, (x, y) => x + y).ToArray())];
        }

        return sum;
    }

    private static Model Unit(int inputs) => Model.Of(
        Signal.Features(inputs).Through(new Models.Layers.Linear(1) { Bias = false }),
        Head.Regression with { OutputLoss = Formulas.Loss.Of(new Output()), StandardiseLabels = false });

    /// <summary>The output itself as the loss: slope 1.</summary>
    private readonly record struct Output : ILoss
    {
        public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => z;

        public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => 1;
    }

    /// <summary>The weights after each step, by the update's own lines, with how far they may be off.</summary>
    private sealed class Reading(double[] start, double[][] gradients, double rate) : IOptimizerVisitor<Bounded[][]>
    {
        public Bounded[][] Visit<TUpdate>(IOptimizer<TUpdate> optimizer) where TUpdate : struct, IUpdate
        {
            var weights = Array.ConvertAll(start, Bounded.Exact);
            var (first, second, third) = (new Bounded[weights.Length], new Bounded[weights.Length], new Bounded[weights.Length]);
            return [.. gradients.Select((gradient, step) =>
            {
                var update = optimizer.At(step + 1, rate);
                for (var i = 0; i < weights.Length; i++)
                {
                    update.Apply(Bounded.Exact(gradient[i]), ref weights[i], ref first[i], ref second[i], ref third[i]);
                }

                return (Bounded[])weights.Clone();
            })];
        }
    }
}
