namespace Backprop.Training;

/// <summary>
/// η₀ + (η − η₀)(1 + cos(π u/Tᵢ))/2, u after the last restart: half a cosine again and again, each i as long as the one before or longer.
/// Loshchilov and Hutter (2017); PyTorch's CosineAnnealingWarmRestarts.
/// </summary>
public sealed record CosineRestartsRate : Schedule
{
    /// <summary>T₀, the first length, from 1.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public long Period { get; init => field = Check(value, value >= 1, "1 or more"); } = 10;

    /// <summary>How many times as long each is as the one before, from 1.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public int Growth { get; init => field = Check(value, value >= 1, "1 or more"); } = 1;

    /// <summary>η₀, the least learning rate.</summary>
    /// <exception cref="ArgumentException">It is below 0 or not finite.</exception>
    public double LeastRate { get; init => field = NotNegative(value); }

    /// <inheritdoc/>
    public override double Rate(double rate, long t, long total)
    {
        var length = Period;
        if (Growth == 1)
        {
            t %= length;
        }

        while (t >= length)
        {
            (t, length) = (t - length, length * Growth);
        }

        return CosineRate.Between(LeastRate, rate, (double)t / length);
    }
}
