namespace Backprop.Training;

/// <summary>A constant multiple of the learning rate, for a while or for all of training. PyTorch's ConstantLR.</summary>
public sealed record ConstantRate : Schedule
{
    /// <summary>What the learning rate is multiplied by, above 0; 1 by default.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Factor { get; init => field = Positive(value); } = 1;

    /// <summary>How long, from 1; null for all of training. Then the learning rate is the optimizer's own.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public long? Duration { get; init => field = Length(value); }

    /// <inheritdoc/>
    public override double Rate(double rate, long t, long total) => t < (Duration ?? long.MaxValue) ? rate * Factor : rate;
}
