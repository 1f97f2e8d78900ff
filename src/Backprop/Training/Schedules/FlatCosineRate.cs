namespace Backprop.Training;

/// <summary>η at first, then down half a cosine to 0, and 0 from there on.</summary>
public sealed record FlatCosineRate : Schedule
{
    /// <summary>The share of the time that the rate stays η, from 0 to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double FlatShare { get; init => field = Check(value, value is >= 0 and < 1, "from 0 to below 1"); } = 0.5;

    /// <summary>How long it takes to 0, from 1; null for all of training.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public long? Duration { get; init => field = Length(value); }

    /// <inheritdoc/>
    public override double Rate(double rate, long t, long total)
    {
        var done = (double)t / (Duration ?? total);
        return done <= FlatShare ? rate : done >= 1 ? 0 : CosineRate.Between(0, rate, (done - FlatShare) / (1 - FlatShare));
    }
}
