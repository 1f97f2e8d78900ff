using System.Numerics;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;
using static Backprop.Formulas.Primitives;

namespace Backprop.Kernels;

/// <summary>How a softmax cross-entropy's targets count: q = base + factor · t, class by class.</summary>
/// <param name="Base">What a class counts for without being the target: label smoothing's ε/C, times the class's weight.</param>
/// <param name="Factor">What it counts for as the target: 1 − ε, times its weight.</param>
/// <param name="Probabilities">Whether targets are a probability for each class; else class numbers.</param>
/// <param name="Ignored">The class number whose rows count for nothing, or null.</param>
internal sealed record TargetMix(IReadOnlyList<double> Base, IReadOnlyList<double> Factor, bool Probabilities, double? Ignored)
{
    /// <summary>Σ q of a row, of its target in each column.</summary>
    public double Total(Func<int, double> target)
    {
        if (!Probabilities)
        {
            return target(0) == Ignored ? 0 : Base.Sum() + Factor[(int)target(0)];
        }

        var sum = 0.0;
        for (var c = 0; c < Base.Count; c++)
        {
            sum += Base[c] + Factor[c] * target(c);
        }

        return sum;
    }
}

/// <summary>
/// −Σ q log softmax(z) with targets q of any kind; ∂ℓ/∂z = (Σ q) · softmax(z) − q. A class with q = 0 counts for nothing, whatever its
/// logit; a row whose q are all 0, or that is ignored, has the loss 0 and the gradient 0, whatever its logits.
/// </summary>
internal sealed class MixedSoftmaxRowLoss<T, TV, TS>(TargetMix mix) : RowLoss<T>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    private readonly T[] apart = Padded(mix.Base);
    private readonly T[] factor = Padded(mix.Factor);
    private readonly T ignored = T.CreateTruncating(mix.Ignored ?? double.NaN);

    public override bool Classifies => true;

    protected override void RunGroup(LossOperands<T> operands, int from, int rows, T share, ref T losses, Span<bool> right)
    {
        Span<T> most = stackalloc T[Group];
        Span<T> sums = stackalloc T[Group];
        Span<T> logs = stackalloc T[Group];
        sums[rows..].Fill(T.One);
        var (z, gradient) = (operands.Logits, operands.Gradient);
        Softmax<T, TV, TS>.Max(z, from, rows, ref most[0]);
        Softmax<T, TV, TS>.Exponentials(z, gradient, from, rows, ref most[0], ref sums[0]);
        Logarithms(ref sums[0], ref logs[0]);
        for (var i = 0; i < rows; i++)
        {
            var row = from + i;
            var target = operands.Targets[row, 0];
            var ignore = target == ignored;
            ref var t = ref mix.Probabilities ? ref operands.Targets[row, 0] : ref Unsafe.NullRef<T>();
            var total = T.Zero;
            ref var loss = ref Unsafe.Add(ref losses, i);
            loss = ignore ? T.Zero : Loss(ref z[row, 0], z.Stride, z.Columns, ref t, operands.Targets.Stride, target, most[i], logs[i], ref total);
            var of = mix.Probabilities ? Largest(operands.Targets, row) : int.CreateTruncating(target);
            right[i] = !ignore && sums[i] == sums[i] && IsFirst(z, row, of, most[i]);
            if (gradient is not null)
            {
                var scale = operands.Weights[row, 0] * share;
                if (total == T.Zero)
                {
                    Clear(ref gradient[row, 0], gradient.Stride, gradient.Columns);
                }
                else
                {
                    Gradient(ref gradient[row, 0], gradient.Stride, gradient.Columns, ref t, operands.Targets.Stride, target, scale * (total / sums[i]), scale);
                }
            }
        }
    }

    /// <summary>Σ q · (log Σ e^(z − most) − (z − most)), and Σ q.</summary>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    private T Loss(ref T z, int stride, int columns, ref T targets, int targetStride, T target, T most, T log, ref T total)
    {
        Span<T> losses = stackalloc T[Reduce.Lanes];
        Span<T> totals = stackalloc T[Reduce.Lanes];
        var (shift, logarithm) = (TS.Broadcast(most), TS.Broadcast(log));
        for (var lane = 0; lane < Reduce.Lanes; lane += TS.Count)
        {
            Lanes<TV, T, TS> loss = 0, sum = 0;
            for (var column = lane; column < columns; column += Reduce.Lanes)
            {
                var q = Reduce<T, TV, TS>.Masked(Target(column, ref targets, targetStride, target), columns - column, 0);
                var x = TS.Load(ref Unsafe.Add(ref z, Panels<T>.Offset(column, stride)));
                var surprise = TS.Subtract(logarithm, TS.Subtract(x, shift));
                // Where q is 0 the product may be 0 · ∞.
                var product = TS.IfGreater(Elementary<TV, T, TS>.Abs(q), TS.Broadcast(T.Zero), TS.Multiply(q, surprise), q);
                loss += new Lanes<TV, T, TS>(product);
                sum += new Lanes<TV, T, TS>(q);
            }

            loss.Store(ref losses[lane]);
            sum.Store(ref totals[lane]);
        }

        total = Reduce<T, TV, TS>.Tree(new Addition(), ref totals[0]);
        return Reduce<T, TV, TS>.Tree(new Addition(), ref losses[0]);
    }

    /// <summary>factor · e^(z − most) − scale · q, in place of the powers.</summary>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    private void Gradient(ref T gradient, int stride, int columns, ref T targets, int targetStride, T target, T powers, T scale)
    {
        var (of, counts) = (TS.Broadcast(powers), TS.Broadcast(scale));
        for (var column = 0; column < columns; column += TS.Count)
        {
            ref var place = ref Unsafe.Add(ref gradient, Panels<T>.Offset(column, stride));
            var q = Target(column, ref targets, targetStride, target);
            TS.Store(TS.Subtract(TS.Multiply(of, TS.Load(ref place)), TS.Multiply(counts, q)), ref place);
        }
    }

    /// <summary>q of some classes.</summary>
    [MethodImpl(AggressiveInlining)]
    private TV Target(int column, ref T targets, int stride, T target)
    {
        TV t;
        if (Unsafe.IsNullRef(ref targets))
        {
            var distance = TS.Subtract(TS.Add(TS.Indices, TS.Broadcast(T.CreateTruncating(column))), TS.Broadcast(target));
            t = TS.IfGreater(Elementary<TV, T, TS>.Constant(0.5), Elementary<TV, T, TS>.Abs(distance), TS.Broadcast(T.One), TS.Broadcast(T.Zero));
        }
        else
        {
            t = TS.Load(ref Unsafe.Add(ref targets, Panels<T>.Offset(column, stride)));
        }

        return TS.Add(TS.Load(ref apart[column]), TS.Multiply(TS.Load(ref factor[column]), t));
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Logarithms(ref T sums, ref T logs)
    {
        for (var i = 0; i < Group; i += TS.Count)
        {
            TS.Store(Elementary<TV, T, TS>.Log(TS.Load(ref Unsafe.Add(ref sums, i))), ref Unsafe.Add(ref logs, i));
        }
    }

    private static void Clear(ref T gradient, int stride, int columns)
    {
        for (var column = 0; column < columns; column += TS.Count)
        {
            TS.Store(TS.Broadcast(T.Zero), ref Unsafe.Add(ref gradient, Panels<T>.Offset(column, stride)));
        }
    }

    private static int Largest(Panels<T> of, int row)
    {
        var largest = 0;
        for (var column = 1; column < of.Columns; column++)
        {
            largest = of[row, column] > of[row, largest] ? column : largest;
        }

        return largest;
    }
}
