using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>½ (log v + (m − t)² / v): the negative log-likelihood, up to ½ log 2π, of a target t with the mean m and the variance v, both learned.</summary>
/// <remarks>
/// The network gives s = log v. A variance below <see cref="Floor"/> counts as that, as in PyTorch's gaussian_nll_loss of m, t and eˢ;
/// the gradient passes the floor as it does there: it is that at the floor, times dv/ds = eˢ. Nix and Weigend (1994).
/// </remarks>
public static class GaussianLikelihood
{
    /// <summary>The smallest variance, PyTorch's eps.</summary>
    public const double Floor = 1e-6;

    /// <summary>log <see cref="Floor"/>.</summary>
    private const double LogFloor = -13.815510557964274;

    /// <summary>The value, of the mean, the logarithm of the variance, and the target.</summary>
    [MethodImpl(AggressiveInlining)]
    public static TX Value<TX>(TX mean, TX logVariance, TX target) where TX : IReal<TX>
    {
        var s = Floored(logVariance);
        return 0.5 * (s + (mean - target) * (mean - target) * TX.Exp(-s));
    }

    /// <summary>∂/∂mean.</summary>
    [MethodImpl(AggressiveInlining)]
    public static TX MeanSlope<TX>(TX mean, TX logVariance, TX target) where TX : IReal<TX>
        => (mean - target) * TX.Exp(-Floored(logVariance));

    /// <summary>∂/∂logVariance.</summary>
    [MethodImpl(AggressiveInlining)]
    public static TX LogVarianceSlope<TX>(TX mean, TX logVariance, TX target) where TX : IReal<TX>
    {
        var below = logVariance - LogFloor;
        var slope = 0.5 - 0.5 * (mean - target) * (mean - target) * TX.Exp(-Floored(logVariance));
        return TX.IfPositive(below, slope, slope * TX.Exp(below));
    }

    /// <summary>The variance.</summary>
    [MethodImpl(AggressiveInlining)]
    public static TX Variance<TX>(TX logVariance) where TX : IReal<TX> => TX.Exp(Floored(logVariance));

    // NaN stays NaN.
    [MethodImpl(AggressiveInlining)]
    private static TX Floored<TX>(TX logVariance) where TX : IReal<TX> => TX.IfPositive(LogFloor - logVariance, LogFloor, logVariance);
}
