using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;
using static Backprop.Formulas.Primitives;

namespace Backprop.Kernels;

/// <summary>What a loss works on: matrices with a row for each example.</summary>
/// <param name="Logits">z.</param>
/// <param name="Targets">A class number in column 0, or numbers as the loss takes them.</param>
/// <param name="Weights">Example weights in column 0.</param>
/// <param name="Gradient">Receives weight · share · ∂ℓ/∂z; null if nobody wants it.</param>
internal sealed record LossOperands<T>(Panels<T> Logits, Panels<T> Targets, Panels<T> Weights, Panels<T>? Gradient)
    where T : unmanaged, IFloatingPointIeee754<T>;

/// <summary>A loss of each row and its gradient with respect to the row's logits, in one pass.</summary>
internal abstract class RowLoss<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Rows worked on together; a multiple of every vector.</summary>
    protected const int Group = 16;

    /// <summary>Works on rows from <paramref name="from"/>.</summary>
    /// <param name="operands">The matrices.</param>
    /// <param name="from">The first row.</param>
    /// <param name="share">Multiplies the gradient beside the example's weight: 1 / number of terms.</param>
    /// <param name="losses">Receives weight · ℓ of each row; their number is the number of rows.</param>
    /// <param name="right">Receives whether each row is classified right.</param>
    public void Run(LossOperands<T> operands, int from, T share, Span<double> losses, Span<bool> right)
    {
        Span<T> group = stackalloc T[Group];
        for (var done = 0; done < losses.Length; done += Group)
        {
            var rows = Math.Min(Group, losses.Length - done);
            RunGroup(operands, from + done, rows, share, ref group[0], right[done..]);
            for (var i = 0; i < rows; i++)
            {
                losses[done + i] = double.CreateTruncating(operands.Weights[from + done + i, 0]) * double.CreateTruncating(group[i]);
            }
        }
    }

    /// <summary>Whether rows are classified: else none is right or wrong.</summary>
    public abstract bool Classifies { get; }

    /// <summary>Works on at most <see cref="Group"/> rows; <paramref name="losses"/> receives ℓ of each and may hold anything behind them.</summary>
    protected abstract void RunGroup(LossOperands<T> operands, int from, int rows, T share, ref T losses, Span<bool> right);

    /// <summary>Whether a class's number in a row is the largest, and the first of equals.</summary>
    protected static bool IsFirst(Panels<T> of, int row, int target, T most)
    {
        var first = of[row, target] == most;
        for (var column = 0; first && column < target; column++)
        {
            first = of[row, column] != most;
        }

        return first;
    }

    /// <summary>A number for each column, and zeros to a whole vector.</summary>
    protected static T[] Padded(IReadOnlyList<double> values)
    {
        var padded = new T[(values.Count + Reduce.Lanes - 1) / Reduce.Lanes * Reduce.Lanes];
        for (var i = 0; i < values.Count; i++)
        {
            padded[i] = T.CreateTruncating(values[i]);
        }

        return padded;
    }
}

/// <summary>−log softmax(z)ₜ, shifted by the largest logit; ∂ℓ/∂z = softmax(z) − 1ₜ.</summary>
internal sealed class SoftmaxRowLoss<T, TV, TS> : RowLoss<T>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    public override bool Classifies => true;

    protected override void RunGroup(LossOperands<T> operands, int from, int rows, T share, ref T losses, Span<bool> right)
    {
        Span<T> sums = stackalloc T[Group];
        Span<T> most = stackalloc T[Group];
        sums[rows..].Fill(T.One);
        Softmax<T, TV, TS>.Max(operands.Logits, from, rows, ref most[0]);
        Softmax<T, TV, TS>.Exponentials(operands.Logits, operands.Gradient, from, rows, ref most[0], ref sums[0]);
        var (z, gradient) = (operands.Logits, operands.Gradient);
        for (var i = 0; i < rows; i++)
        {
            var (row, target) = (from + i, int.CreateTruncating(operands.Targets[from + i, 0]));
            // A row with a NaN has a NaN sum, and is never right.
            right[i] = sums[i] == sums[i] && IsFirst(z, row, target, most[i]);
            most[i] = z[row, target] - most[i];
            if (gradient is not null)
            {
                var scale = operands.Weights[row, 0] * share;
                Softmax<T, TV, TS>.Scale(ref gradient[row, 0], scale / sums[i], gradient.Stride, gradient.Columns);
                gradient[row, target] -= scale;
            }
        }

        Logarithms(ref sums[0], ref most[0], ref losses);
    }

    /// <summary>log Σ e^(z − most) − (zₜ − most).</summary>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Logarithms(ref T sums, ref T shifted, ref T losses)
    {
        for (var i = 0; i < Group; i += TS.Count)
        {
            var log = Elementary<TV, T, TS>.Log(TS.Load(ref Unsafe.Add(ref sums, i)));
            TS.Store(TS.Subtract(log, TS.Load(ref Unsafe.Add(ref shifted, i))), ref Unsafe.Add(ref losses, i));
        }
    }
}

/// <summary>A loss summed over the outputs of a row, by formula.</summary>
internal sealed class ElementwiseRowLoss<T, TV, TS, TF>(TF loss) : RowLoss<T>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
    where TF : struct, ILoss
{
    public override bool Classifies => TF.SignPredicts;

    protected override void RunGroup(LossOperands<T> operands, int from, int rows, T share, ref T losses, Span<bool> right)
    {
        var (z, t, gradient) = (operands.Logits, operands.Targets, operands.Gradient);
        for (var i = 0; i < rows; i++)
        {
            var row = from + i;
            right[i] = TF.SignPredicts && !T.IsNaN(z[row, 0]) && (z[row, 0] > T.Zero) == (t[row, 0] > T.CreateTruncating(0.5));
            ref var dz = ref gradient is null ? ref Unsafe.NullRef<T>() : ref gradient[row, 0];
            Unsafe.Add(ref losses, i) = Row(loss, ref z[row, 0], ref t[row, 0], ref dz, z.Stride, z.Columns, operands.Weights[row, 0] * share);
        }
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static T Row(TF loss, ref T logits, ref T targets, ref T gradient, int stride, int columns, T scale)
    {
        var factor = new Lanes<TV, T, TS>(TS.Broadcast(scale));
        Span<T> lanes = stackalloc T[Reduce.Lanes];
        for (var lane = 0; lane < Reduce.Lanes; lane += TS.Count)
        {
            Lanes<TV, T, TS> sum = 0;
            for (var column = lane; column < columns; column += Reduce.Lanes)
            {
                var at = Panels<T>.Offset(column, stride);
                var (z, t) = (Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref logits, at)), Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref targets, at)));
                sum += new Lanes<TV, T, TS>(Reduce<T, TV, TS>.Masked(loss.Value(z, t).Vector, columns - column, 0));
                if (!Unsafe.IsNullRef(ref gradient))
                {
                    (factor * loss.Derivative(z, t)).Store(ref Unsafe.Add(ref gradient, at));
                }
            }

            sum.Store(ref lanes[lane]);
        }

        return Reduce<T, TV, TS>.Tree(new Addition(), ref lanes[0]);
    }
}
