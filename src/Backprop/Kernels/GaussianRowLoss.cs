using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>Gaussian negative log-likelihoods of a row's targets, added up; the logits are all means, then all logarithms of variances.</summary>
/// <remarks>A vector holds the same target of several rows: the two logits of one need not lie near each other.</remarks>
internal sealed class GaussianRowLoss<T, TV, TS> : RowLoss<T>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    public override bool Classifies => false;

    protected override void RunGroup(LossOperands<T> operands, int from, int rows, T share, ref T losses, Span<bool> right)
    {
        var (z, gradient, targets) = (operands.Logits, operands.Gradient, operands.Targets.Columns);
        Span<T> mean = stackalloc T[Group];
        Span<T> logVariance = stackalloc T[Group];
        Span<T> target = stackalloc T[Group];
        Span<T> scale = stackalloc T[Group];
        mean.Clear();
        logVariance.Clear();
        target.Clear();
        scale.Clear();
        for (var i = 0; i < Group; i++)
        {
            Unsafe.Add(ref losses, i) = T.Zero;
            scale[i] = i < rows ? operands.Weights[from + i, 0] * share : T.Zero;
        }

        for (var column = 0; column < targets; column++)
        {
            for (var i = 0; i < rows; i++)
            {
                (mean[i], logVariance[i], target[i]) = (z[from + i, column], z[from + i, targets + column], operands.Targets[from + i, column]);
            }

            Add(ref mean[0], ref logVariance[0], ref target[0], ref scale[0], ref losses);
            for (var i = 0; gradient is not null && i < rows; i++)
            {
                (gradient[from + i, column], gradient[from + i, targets + column]) = (mean[i], logVariance[i]);
            }
        }
    }

    /// <summary>Adds the losses of a target, and writes the gradients in place of mean and log-variance.</summary>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Add(ref T mean, ref T logVariance, ref T target, ref T scale, ref T losses)
    {
        for (var i = 0; i < Group; i += TS.Count)
        {
            Lanes<TV, T, TS> At(ref T of) => Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref of, i));
            var (m, s, t, factor) = (At(ref mean), At(ref logVariance), At(ref target), At(ref scale));
            (At(ref losses) + GaussianLikelihood.Value(m, s, t)).Store(ref Unsafe.Add(ref losses, i));
            (factor * GaussianLikelihood.MeanSlope(m, s, t)).Store(ref Unsafe.Add(ref mean, i));
            (factor * GaussianLikelihood.LogVarianceSlope(m, s, t)).Store(ref Unsafe.Add(ref logVariance, i));
        }
    }
}
