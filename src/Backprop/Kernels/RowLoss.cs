using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>A loss of one row and its gradient with respect to the row's logits, in one pass.</summary>
internal abstract class RowLoss<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>The row's loss; replaces the logits by scale · ∂ℓ/∂z.</summary>
    /// <param name="logits">Filled up to a multiple of 16.</param>
    /// <param name="targets">Filled up likewise; a class number stands first.</param>
    /// <param name="columns">Logits in use.</param>
    /// <param name="scale">Multiplies the gradient: example weight / number of terms.</param>
    public abstract double Run(Span<T> logits, Span<T> targets, int columns, T scale);
}

/// <summary>−log softmax(z)ₜ, shifted by the largest logit; ∂ℓ/∂z = softmax(z) − 1ₜ.</summary>
internal sealed class SoftmaxRowLoss<T, TV, TS> : RowLoss<T>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    public override double Run(Span<T> logits, Span<T> targets, int columns, T scale)
    {
        var target = int.CreateTruncating(targets[0]);
        var shifted = logits[target];
        var (sum, most) = Softmax<T, TV, TS>.Exponentials(logits, columns);
        Scale(logits, scale / sum);
        logits[target] -= scale;
        return double.CreateTruncating(Elementary<T, T, Simd1<T>>.Log(sum) - (shifted - most));
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Scale(Span<T> row, T factor)
    {
        var factors = TS.Broadcast(factor);
        for (var i = 0; i < row.Length; i += TS.Count)
        {
            TS.Store(TS.Multiply(TS.Load(ref row[i]), factors), ref row[i]);
        }
    }
}

/// <summary>The parts of a softmax.</summary>
internal static class Softmax<T, TV, TS>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    /// <summary>Replaces z by exp(z − max z); gives their sum and the maximum.</summary>
    /// <param name="row">A multiple of 16 numbers.</param>
    /// <param name="columns">Numbers in use; the others become 0.</param>
    public static (T Sum, T Most) Exponentials(Span<T> row, int columns)
    {
        row[columns..].Fill(T.NegativeInfinity);
        var most = Reduce<T, TV, TS>.Max(row);
        Exponentiate(row, most);
        return (Reduce<T, TV, TS>.Sum(row), most);
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Exponentiate(Span<T> row, T most)
    {
        var shift = TS.Broadcast(most);
        for (var i = 0; i < row.Length; i += TS.Count)
        {
            TS.Store(Elementary<TV, T, TS>.Exp(TS.Subtract(TS.Load(ref row[i]), shift)), ref row[i]);
        }
    }
}

/// <summary>A loss summed over the outputs of a row, by formula.</summary>
internal sealed class ElementwiseRowLoss<T, TV, TS, TF>(TF loss) : RowLoss<T>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
    where TF : struct, ILoss
{
    public override double Run(Span<T> logits, Span<T> targets, int columns, T scale)
    {
        Sweep(loss, logits, targets, scale);
        targets[columns..].Clear();
        return double.CreateTruncating(Reduce<T, TV, TS>.Sum(targets));
    }

    /// <summary>Losses replace the targets, gradients the logits.</summary>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Sweep(TF loss, Span<T> logits, Span<T> targets, T scale)
    {
        var factor = new Lanes<TV, T, TS>(TS.Broadcast(scale));
        for (var i = 0; i < logits.Length; i += TS.Count)
        {
            var (z, t) = (Lanes<TV, T, TS>.Load(ref logits[i]), Lanes<TV, T, TS>.Load(ref targets[i]));
            loss.Value(z, t).Store(ref targets[i]);
            (factor * loss.Derivative(z, t)).Store(ref logits[i]);
        }
    }
}
