using Number = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Training;

/// <summary>
/// η (1 − cos(2π log₂(1 + (2ᶜ − 1) t/T)))/2, then 0: c waves from 0 to η and back, each twice as long as the one before. With four of
/// them the coslog4 of RealMLP, Holzmüller, Grinsztajn and Steinwart (2024).
/// </summary>
public sealed record CosLogRate : Schedule
{
    /// <summary>Counts in updates: the first epoch's rate would be 0.</summary>
    public CosLogRate() => ByUpdate = true;

    /// <summary>c, from 1 to 30.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public int Cycles { get; init => field = Check(value, value is >= 1 and <= 30, "from 1 to 30"); } = 4;

    /// <summary>T, from 1; null for all of training.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public long? Duration { get; init => field = Length(value); }

    /// <inheritdoc/>
    public override double Rate(double rate, long t, long total)
    {
        var done = (double)t / (Duration ?? total);
        if (done >= 1)
        {
            return 0;
        }

        var waves = Number.Log1p((Math.ScaleB(1, Cycles) - 1) * done).Vector / 0.69314718055994531;
        // Whole waves off, which is exact: the cosine of a small angle is off by less.
        return rate * (1 - Number.Cos(2 * Math.PI * (waves - Math.Floor(waves))).Vector) / 2;
    }
}
