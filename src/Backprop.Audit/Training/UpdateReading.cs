using System.Runtime.CompilerServices;
using Backprop.Audit.Bounds;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Audit;

/// <summary>Reads an update of one tensor: the weights after it, and what is remembered beside them, with how far rounding may carry each.</summary>
/// <param name="own">The optimizer.</param>
/// <param name="meant">The step.</param>
/// <param name="gradient">The gradient and its errors.</param>
/// <param name="weights">The weights before.</param>
/// <param name="memory">What is remembered before.</param>
/// <param name="unit">The roundoff of the precision.</param>
internal sealed class UpdateReading(
    Optimizer own, MeantUpdate meant, BoundedTensor gradient, double[] weights, double[][] memory, double unit) : IOptimizerVisitor<BoundedTensor[]>
{
    // Of a hyper-parameter: what is computed from it, in a few dozen operations, may be off as if it were.
    private const double ParameterRounding = 32 * Bounded.Double;

    /// <summary>Reads it: with bounds where the gradient has them, with a sample of errors where it has that, or alone.</summary>
    public BoundedTensor[] Visit<TUpdate>(IOptimizer<TUpdate> optimizer) where TUpdate : struct, IUpdate
    {
        var update = optimizer.At(meant.Step, meant.Rate);
        var results = Enumerable.Range(0, 1 + TUpdate.States).Select(k => gradient with
        {
            Name = k == 0 ? gradient.Name : $"{gradient.Name}, remembered {k}",
            Values = new double[weights.Length],
            Errors = new double[gradient.Errors.Length],
            Variances = new double[gradient.Variances.Length],
        }).ToArray();
        if (gradient.Variances.Length > 0)
        {
            Bound(optimizer, update, results);
            return results;
        }

        for (var i = 0; i < weights.Length; i++)
        {
            var g = gradient.Values[i];
            var read = gradient.Errors.Length == 0 ? default
                : After(
                    update, new(g, g + Bounded.Float * gradient.Errors[i], gradient.By),
                    Same(weights[i]), Same(memory[0][i]), Same(memory[1][i]), Same(memory[2][i]));
            var plain = Alone(update, g, i);
            for (var k = 0; k < results.Length; k++)
            {
                results[k].Values[i] = plain[k].Value;
                if (gradient.Errors.Length > 0)
                {
                    results[k].Errors[i] = (read[k].Actual - read[k].Value) / Bounded.Float;
                }
            }
        }

        return results;
    }

    private FloatSample Same(double number) => new(number, number, gradient.By);

    private void Bound<TUpdate>(IOptimizer<TUpdate> optimizer, TUpdate update, BoundedTensor[] results) where TUpdate : struct, IUpdate
    {
        TUpdate[] moved =
        [
            optimizer.At(meant.Step, meant.Rate + meant.RateError),
            .. HyperParameters.Moved(own, ParameterRounding).SelectMany(one => one)
                .Select(other => other.Accept(new Constants<TUpdate>(meant.Step, meant.Rate))).OfType<TUpdate>(),
        ];
        double[] near = [1.5, 2, 3, Criteria.Usual(weights.Length)];
        Span<double> straight = stackalloc double[4], typical = stackalloc double[4], most = stackalloc double[4], constants = stackalloc double[4];
        for (var i = 0; i < weights.Length; i++)
        {
            var (g, error, deviation) = (gradient.Values[i], unit * gradient.Errors[i], unit * Math.Sqrt(gradient.Variances[i]));
            var (read, below, above) = (Read(update, g, i), Read(update, g - error, i), Read(update, g + error, i));
            var plain = Alone(update, g, i);
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
                Add(Alone(other, g, i), plain, constants);
            }

            for (var k = 0; k < results.Length; k++)
            {
                var (usual, constant) = (typical[k] / unit, constants[k] / unit);
                results[k].Values[i] = read[k].Value;
                results[k].Errors[i] = Largest(read[k].Error, below[k].Error, above[k].Error) + most[k] / unit + constant;
                results[k].Variances[i] = Largest(read[k].Variance, below[k].Variance, above[k].Variance) + usual * usual + constant * constant;
            }
        }
    }

    /// <summary>The update's own roundings, for a gradient without an error.</summary>
    [MethodImpl(AggressiveOptimization)]
    private Numbers<Bounded> Read<TUpdate>(TUpdate update, double g, int i) where TUpdate : struct, IUpdate
        => After(
            update, Bounded.Exact(g), Bounded.Exact(weights[i]), Bounded.Exact(memory[0][i]), Bounded.Exact(memory[1][i]), Bounded.Exact(memory[2][i]));

    private static double Largest(double a, double b, double c) => Math.Max(a, Math.Max(b, c));

    /// <summary>The update without errors.</summary>
    [MethodImpl(AggressiveOptimization)]
    private Numbers<Plain> Alone<TUpdate>(TUpdate update, double g, int i) where TUpdate : struct, IUpdate
        => After<TUpdate, Plain>(update, g, weights[i], memory[0][i], memory[1][i], memory[2][i]);

    [MethodImpl(AggressiveInlining)]
    private static Numbers<TX> After<TUpdate, TX>(TUpdate update, TX g, TX weight, TX first, TX second, TX third)
        where TUpdate : struct, IUpdate where TX : IReal<TX>
    {
        update.Apply(g, ref weight, ref first, ref second, ref third);
        return new(weight, first, second, third);
    }

    /// <summary>How far the update goes for gradients that are off by so much.</summary>
    private void Reach<TUpdate>(TUpdate update, in Numbers<Plain> plain, double g, double off, int i, Span<double> most) where TUpdate : struct, IUpdate
    {
        if (off == 0)
        {
            return;
        }

        Widen(Alone(update, g - off, i), plain, most);
        Widen(Alone(update, g + off, i), plain, most);
        if (Math.Abs(g) < off)
        {
            Widen(Alone(update, 0, i), plain, most);
        }
    }

    [MethodImpl(AggressiveOptimization)]
    private static void Widen(in Numbers<Plain> to, in Numbers<Plain> from, Span<double> most)
    {
        for (var k = 0; k < most.Length; k++)
        {
            most[k] = Math.Max(most[k], Math.Abs(to[k].Value - from[k].Value));
        }
    }

    [MethodImpl(AggressiveOptimization)]
    private static void Add(in Numbers<Plain> to, in Numbers<Plain> from, Span<double> sum)
    {
        for (var k = 0; k < sum.Length; k++)
        {
            sum[k] += Math.Abs(to[k].Value - from[k].Value);
        }
    }

    /// <summary>The constants of a step, of an optimizer with such an update.</summary>
    private sealed class Constants<TWanted>(long step, double rate) : IOptimizerVisitor<TWanted?> where TWanted : struct, IUpdate
    {
        public TWanted? Visit<TUpdate>(IOptimizer<TUpdate> optimizer) where TUpdate : struct, IUpdate
            => optimizer.At(step, rate) is TWanted update ? update : null;
    }

    /// <summary>A weight, and what is remembered beside it.</summary>
    private readonly record struct Numbers<TX>(TX Weight, TX First, TX Second, TX Third) where TX : IReal<TX>
    {
        public TX this[int k]
        {
            [MethodImpl(AggressiveInlining)]
            get => k switch { 0 => Weight, 1 => First, 2 => Second, _ => Third };
        }
    }
}
