namespace Backprop.Training;

/// <summary>η (a + (b − a) min(t, n)/n): a linear warm-up, or a linear decay. PyTorch's LinearLR.</summary>
public sealed record LinearRate : Schedule
{
    /// <summary>a, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double FirstFactor { get; init => field = Positive(value); } = 1.0 / 3;

    /// <summary>b, from 0.</summary>
    /// <exception cref="ArgumentException">It is below 0 or not finite.</exception>
    public double LastFactor { get; init => field = NotNegative(value); } = 1;

    /// <summary>n, from 1.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public long Duration { get; init => field = Check(value, value >= 1, "1 or more"); } = 5;

    /// <inheritdoc/>
    public override double Rate(double rate, long t, long total)
        => rate * (FirstFactor + (LastFactor - FirstFactor) * Math.Min(t, Duration) / Duration);
}
