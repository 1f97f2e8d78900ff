using Number = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Training;

/// <summary>η (1 − t/n)^p, then 0. PyTorch's PolynomialLR.</summary>
public sealed record PolynomialRate : Schedule
{
    /// <summary>p, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Power { get; init => field = Positive(value); } = 1;

    /// <summary>n, from 1; null for all of training.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public long? Duration { get; init => field = Length(value); }

    /// <inheritdoc/>
    public override double Rate(double rate, long t, long total)
    {
        var left = 1 - (double)t / (Duration ?? total);
        return left <= 0 ? 0 : rate * (Power == 1 ? left : Number.Exp(Power * Number.Log(left).Vector).Vector);
    }
}
