namespace Backprop.Training;

/// <summary>
/// Up from η/25 to η, then down to η/250,000, along cosines. Smith and Topin (2018); PyTorch's OneCycleLR, whose max_lr is here the
/// optimizer's learning rate, and whose momentum stays as it is.
/// </summary>
public sealed record OneCycleRate : Schedule
{
    /// <summary>Counts in updates.</summary>
    public OneCycleRate() => ByUpdate = true;

    /// <summary>How long, from 2; null for all of training. Then the learning rate stays where it is.</summary>
    /// <exception cref="ArgumentException">It is below 2.</exception>
    public long? Duration { get; init => field = Check(value, value is null or >= 2, "2 or more"); }

    /// <summary>The share of it that goes up, above 0 and below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double RisingShare { get; init => field = Check(value, value is > 0 and < 1, "above 0 and below 1"); } = 0.3;

    /// <summary>What η is divided by for the first learning rate, from 1.</summary>
    /// <exception cref="ArgumentException">It is below 1 or not finite.</exception>
    public double InitialDivisor { get; init => field = Check(value, value >= 1 && double.IsFinite(value), "a finite number, 1 or above"); } = 25;

    /// <summary>What the first learning rate is divided by for the last one, from 1.</summary>
    /// <exception cref="ArgumentException">It is below 1 or not finite.</exception>
    public double FinalDivisor { get; init => field = Check(value, value >= 1 && double.IsFinite(value), "a finite number, 1 or above"); } = 1e4;

    /// <inheritdoc/>
    public override double Rate(double rate, long t, long total)
    {
        var duration = Duration ?? total;
        var (peak, end, initial) = (RisingShare * duration - 1, duration - 1.0, rate / InitialDivisor);
        return t < peak
            ? CosineRate.Between(rate, initial, t / peak)
            : CosineRate.Between(initial / FinalDivisor, rate, (Math.Min(t, end) - peak) / (end - peak));
    }
}
