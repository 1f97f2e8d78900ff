using Number = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Training;

/// <summary>η₀ + (η − η₀)(1 + cos(π t/T))/2: down half a cosine, and up again if training goes on. PyTorch's CosineAnnealingLR.</summary>
public sealed record CosineRate : Schedule
{
    /// <summary>T, from 1; null for all of training.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public long? Period { get; init => field = Length(value); }

    /// <summary>η₀, the least learning rate.</summary>
    /// <exception cref="ArgumentException">It is below 0 or not finite.</exception>
    public double LeastRate { get; init => field = NotNegative(value); }

    /// <inheritdoc/>
    public override double Rate(double rate, long t, long total) => Between(LeastRate, rate, (double)t / (Period ?? total));

    /// <summary>From <paramref name="from"/> at <paramref name="part"/> 1 along a cosine to <paramref name="to"/> at 0.</summary>
    internal static double Between(double from, double to, double part) => from + (to - from) * (1 + Number.Cos(Math.PI * part).Vector) / 2;
}
