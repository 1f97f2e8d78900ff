namespace Backprop.Training;

/// <summary>
/// The learning rate falls by a factor when the validation loss, or without validation rows the training loss, has not become better for
/// some epochs. PyTorch's ReduceLROnPlateau.
/// </summary>
/// <remarks>
/// Better means below (1 − threshold) times the best so far. A loss that is not a number is not better. Epochs count, whatever
/// <see cref="Schedule.ByUpdate"/> says.
/// </remarks>
public sealed record PlateauRate : Schedule
{
    /// <summary>What the learning rate is multiplied by, above 0 and below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Factor { get; init => field = Check(value, value is > 0 and < 1, "above 0 and below 1"); } = 0.1;

    /// <summary>Epochs that may pass without a better loss, from 0.</summary>
    /// <exception cref="ArgumentException">It is below 0.</exception>
    public int Patience { get; init => field = Check(value, value >= 0, "0 or more"); } = 10;

    /// <summary>By what share a loss must be lower to be better, from 0 to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Threshold { get; init => field = Check(value, value is >= 0 and < 1, "from 0 to below 1"); } = 1e-4;

    /// <summary>Epochs after a fall that do not count, from 0.</summary>
    /// <exception cref="ArgumentException">It is below 0.</exception>
    public int Cooldown { get; init => field = Check(value, value >= 0, "0 or more"); }

    /// <summary>The least learning rate.</summary>
    /// <exception cref="ArgumentException">It is below 0 or not finite.</exception>
    public double LeastRate { get; init => field = NotNegative(value); }

    /// <summary>A fall by no more than this is left out, from 0.</summary>
    /// <exception cref="ArgumentException">It is below 0 or not finite.</exception>
    public double LeastFall { get; init => field = NotNegative(value); } = 1e-8;

    /// <summary>The optimizer's own learning rate, which losses lower by <see cref="Next"/>.</summary>
    public override double Rate(double rate, long t, long total) => rate;

    /// <summary>Where the schedule stands after another epoch.</summary>
    /// <param name="state">Where it stood.</param>
    /// <param name="loss">The epoch's loss.</param>
    public PlateauState Next(PlateauState state, double loss)
    {
        var (rate, best, bad, cooldown) = state;
        (best, bad) = loss < best * (1 - Threshold) ? (loss, 0) : (best, bad + 1);
        if (cooldown > 0)
        {
            (bad, cooldown) = (0, cooldown - 1);
        }

        if (bad > Patience)
        {
            var lower = Math.Max(rate * Factor, LeastRate);
            (rate, bad, cooldown) = (rate - lower > LeastFall ? lower : rate, 0, Cooldown);
        }

        return new(rate, best, bad, cooldown);
    }
}

/// <summary>Where a <see cref="PlateauRate"/> stands.</summary>
/// <param name="Rate">The learning rate; at first the optimizer's.</param>
/// <param name="Best">The best loss so far.</param>
/// <param name="Bad">Epochs since it.</param>
/// <param name="Cooldown">Epochs to come that do not count.</param>
public sealed record PlateauState(double Rate, double Best = double.PositiveInfinity, int Bad = 0, int Cooldown = 0);
