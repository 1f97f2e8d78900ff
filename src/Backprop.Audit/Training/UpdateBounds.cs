using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>An update as it should be.</summary>
/// <param name="Optimizer">The optimizer.</param>
/// <param name="Step">Its number, from 1.</param>
/// <param name="Rate">The learning rate.</param>
/// <param name="RateError">How far off that may be.</param>
internal sealed record MeantUpdate(Optimizer Optimizer, long Step, double Rate, double RateError);

/// <summary>What a step makes of weights, of what the optimizer remembers and of gathered statistics, and how far rounding may carry each number.</summary>
/// <remarks>
/// A gradient's error is read off the network's graph, that of the update off its own lines. What a gradient's error makes of the update
/// is not told by a slope: Adam divides a gradient by its own size and Rprop takes its sign, so that one within rounding of 0 moves its
/// weight a whole step in either direction. It is how far the update goes for gradients all over the range of the error; its deviation is
/// what it goes for one of the gradient's, and all that it goes for some of them beyond a straight line.
/// </remarks>
internal sealed class UpdateBounds : IBoundedRun
{
    // Of a hyper-parameter: what is computed from it, in a few dozen operations, may be off as if it were.
    private const double ParameterRounding = 32 * Bounded.Double;

    private readonly NetworkBounds network;
    private readonly Weights<double> weights;
    private readonly IReadOnlyList<Weights<double>> memory;
    private readonly MeantUpdate update;
    private readonly double unit;
    private readonly (WeightTensor? Tensor, int Remembered)[] places;

    /// <summary>Reads the update.</summary>
    /// <param name="network">The network on the batch, with the weights before the step.</param>
    /// <param name="weights">These weights.</param>
    /// <param name="memory">What the optimizer remembers before the step: the first number beside each weight, the second, the third.</param>
    /// <param name="update">The update.</param>
    /// <param name="unit">The roundoff of the precision.</param>
    public UpdateBounds(NetworkBounds network, Weights<double> weights, IReadOnlyList<Weights<double>> memory, MeantUpdate update, double unit)
    {
        (this.network, this.weights, this.memory, this.update, this.unit) = (network, weights, memory, update, unit);
        var states = update.Optimizer.Accept(new States());
        places = [(null, 0), .. weights.Tensors.SelectMany(tensor => Enumerable.Range(0, tensor.Learned ? 1 + states : 1).Select(k => ((WeightTensor?)tensor, k)))];
        Tensors = TensorsOf(Run);
    }

    /// <inheritdoc/>
    public BoundedGraph Run => network.Run;

    /// <inheritdoc/>
    public IReadOnlyList<BoundedTensor> Tensors { get; }

    /// <summary>The loss, then each tensor after the step, and behind it what is remembered beside it.</summary>
    public IReadOnlyList<BoundedTensor> TensorsOf(BoundedGraph run)
        => [network.TensorsOf(run)[0], .. weights.Tensors.SelectMany(tensor => tensor.Learned ? Updated(tensor, network.After(tensor, run)) : [network.After(tensor, run)])];

    /// <summary>How far rounding may carry all weights together: the norm of what it may do to each, usually.</summary>
    public double Reach => Math.Sqrt(places.Zip(Tensors).Where(pair => pair.First is { Tensor.Learned: true, Remembered: 0 })
        .Sum(pair => pair.Second.Errors.Zip(pair.Second.Spreads, (error, spread) => Math.Pow(unit * Math.Min(error, Usual(pair.Second.Values.Length) * Math.Sqrt(spread)), 2)).Sum()));

    /// <summary>Numbers of somebody's step in the order of <see cref="Tensors"/>; memory that is not looked at is as the reference.</summary>
    public Witness WitnessOf(StepNumbers numbers) => new([.. places.Zip(Tensors, (place, bound) => new NamedTensor(bound.Name, bound.Rows, bound.Columns, place switch
    {
        (null, _) => [numbers.Loss],
        (var tensor, 0) => numbers.Weights[tensor].ToArray(),
        var (tensor, k) => numbers.Memory?[k - 1][tensor].ToArray() ?? bound.Values,
    }))], unit);

    /// <summary>The standard deviations that an element may be off by: see <see cref="Criteria"/>.</summary>
    private static double Usual(int numbers) => 4 + Math.Sqrt(2 * Math.Log(numbers));

    private BoundedTensor[] Updated(WeightTensor tensor, BoundedTensor gradient)
    {
        var optimizer = tensor.IsVector && !update.Optimizer.DecayBiases ? update.Optimizer with { WeightDecay = 0, L1 = 0 } : update.Optimizer;
        return optimizer.Accept(new Reading(
            optimizer, update, gradient, weights[tensor].ToArray(), [.. memory.Select(of => of[tensor].ToArray())], unit));
    }

    /// <summary>Reads an update of one tensor.</summary>
    private sealed class Reading(Optimizer own, MeantUpdate meant, BoundedTensor gradient, double[] weights, double[][] memory, double unit) : IOptimizerVisitor<BoundedTensor[]>
    {
        public BoundedTensor[] Visit<TUpdate>(IOptimizer<TUpdate> optimizer) where TUpdate : struct, IUpdate
        {
            var update = optimizer.At(meant.Step, meant.Rate);
            TUpdate[] moved =
            [
                optimizer.At(meant.Step, meant.Rate + meant.RateError),
                .. HyperParameters.Moved(own, ParameterRounding).SelectMany(one => one).Select(other => other.Accept(new Constants<TUpdate>(meant.Step, meant.Rate))).OfType<TUpdate>(),
            ];
            BoundedTensor[] results = [.. Enumerable.Range(0, 1 + TUpdate.States).Select(k => gradient with
            {
                Name = k == 0 ? gradient.Name : $"{gradient.Name}, remembered {k}",
                Values = new double[weights.Length],
                Errors = new double[weights.Length],
                Spreads = new double[weights.Length],
            })];
            double[] near = [1.5, 2, 3, Usual(weights.Length)];
            Span<double> straight = stackalloc double[4], typical = stackalloc double[4], most = stackalloc double[4], constants = stackalloc double[4];
            for (var i = 0; i < weights.Length; i++)
            {
                var (g, error, deviation) = (gradient.Values[i], unit * gradient.Errors[i], unit * Math.Sqrt(gradient.Spreads[i]));
                var (read, below, above) = (Read(update, g, i), Read(update, g - error, i), Read(update, g + error, i));
                var plain = Numbers<Plain>.After(update, g, weights[i], memory, i);
                most.Clear();
                var once = Math.Min(error, deviation);
                Reach(update, plain, g, once, i, most);
                most.CopyTo(straight);
                most.CopyTo(typical);
                foreach (var deviations in near)
                {
                    var off = Math.Min(error, deviations * deviation);
                    Reach(update, plain, g, off, i, most);
                    for (var k = 0; k < most.Length && once > 0; k++)
                    {
                        // Beyond a straight line there is a jump, which one of many numbers may well take.
                        typical[k] = Math.Max(typical[k], straight[k] + most[k] - off / once * straight[k]);
                    }
                }

                Reach(update, plain, g, error / 2, i, most);
                Reach(update, plain, g, error, i, most);
                constants.Clear();
                foreach (var other in moved)
                {
                    Add(Numbers<Plain>.After(other, g, weights[i], memory, i), plain, constants);
                }

                for (var k = 0; k < results.Length; k++)
                {
                    var (spread, constant) = (typical[k] / unit, constants[k] / unit);
                    results[k].Values[i] = read[k].Value;
                    results[k].Errors[i] = Largest(read[k].Error, below[k].Error, above[k].Error) + most[k] / unit + constant;
                    results[k].Spreads[i] = Largest(read[k].Spread, below[k].Spread, above[k].Spread) + spread * spread + constant * constant;
                }
            }

            return results;
        }

        /// <summary>The update's own roundings, for a gradient without an error.</summary>
        private Numbers<Bounded> Read<TUpdate>(TUpdate update, double g, int i) where TUpdate : struct, IUpdate => Numbers<Bounded>.After(update, new(g, 0), weights[i], memory, i);

        private static double Largest(double a, double b, double c) => Math.Max(a, Math.Max(b, c));

        /// <summary>How far the update goes for gradients that are off by so much.</summary>
        private void Reach<TUpdate>(TUpdate update, in Numbers<Plain> plain, double g, double off, int i, Span<double> most) where TUpdate : struct, IUpdate
        {
            if (off == 0)
            {
                return;
            }

            Widen(Numbers<Plain>.After(update, g - off, weights[i], memory, i), plain, most);
            Widen(Numbers<Plain>.After(update, g + off, weights[i], memory, i), plain, most);
            if (Math.Abs(g) < off)
            {
                Widen(Numbers<Plain>.After(update, 0, weights[i], memory, i), plain, most);
            }
        }

        private static void Widen(in Numbers<Plain> to, in Numbers<Plain> from, Span<double> most)
        {
            for (var k = 0; k < most.Length; k++)
            {
                most[k] = Math.Max(most[k], Math.Abs(to[k].Value - from[k].Value));
            }
        }

        private static void Add(in Numbers<Plain> to, in Numbers<Plain> from, Span<double> sum)
        {
            for (var k = 0; k < sum.Length; k++)
            {
                sum[k] += Math.Abs(to[k].Value - from[k].Value);
            }
        }
    }

    /// <summary>How many numbers an optimizer remembers beside each weight.</summary>
    private sealed class States : IOptimizerVisitor<int>
    {
        public int Visit<TUpdate>(IOptimizer<TUpdate> optimizer) where TUpdate : struct, IUpdate => TUpdate.States;
    }

    /// <summary>The constants of a step, of an optimizer with such an update.</summary>
    private sealed class Constants<TWanted>(long step, double rate) : IOptimizerVisitor<TWanted?> where TWanted : struct, IUpdate
    {
        public TWanted? Visit<TUpdate>(IOptimizer<TUpdate> optimizer) where TUpdate : struct, IUpdate => optimizer.At(step, rate) is TWanted update ? update : null;
    }

    /// <summary>A weight, and what is remembered beside it.</summary>
    private readonly record struct Numbers<TX>(TX Weight, TX First, TX Second, TX Third) where TX : IReal<TX>
    {
        public TX this[int k] => k switch { 0 => Weight, 1 => First, 2 => Second, _ => Third };

        public static Numbers<TX> After<TUpdate>(TUpdate update, TX gradient, TX weight, double[][] memory, int i) where TUpdate : struct, IUpdate
        {
            TX first = Exact(memory[0][i]), second = Exact(memory[1][i]), third = Exact(memory[2][i]);
            update.Apply(gradient, ref weight, ref first, ref second, ref third);
            return new(weight, first, second, third);
        }

        private static TX Exact(double x) => x;
    }
}
