namespace Backprop.Training;

/// <summary>What is known after an epoch.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainingLoss">
/// Mean loss of the epoch's batches, each before its update; each row's counts times its weight, and a regression's is that of the
/// standardised label.
/// </param>
/// <param name="ValidationLoss">The same of the validation rows after the epoch; NaN without them.</param>
/// <param name="TrainingAccuracy">
/// The share of training rows classified right, each before its batch's update; NaN for regression, or with several heads.
/// </param>
/// <param name="ValidationAccuracy">The same of the validation rows after the epoch; NaN for regression, with several heads, or without them.</param>
/// <param name="TrainingRootMeanSquaredError">
/// √(Σ w (score − label)² / Σ w) over the training rows, in the label's own units, each before its batch's update; NaN unless the network
/// has one target and its loss is the squared error.
/// </param>
/// <param name="ValidationRootMeanSquaredError">The same of the validation rows after the epoch; NaN without them.</param>
/// <param name="LearningRate">That of the epoch's last update.</param>
/// <param name="RowsPerSecond">Training rows per second of this epoch.</param>
/// <param name="Elapsed">Since training began, in this process and those before.</param>
/// <param name="BestEpoch">The member's epoch with the best weights so far; 0 while no epoch was better than the network that training started from.</param>
/// <param name="BestLoss">The validation loss of those weights; without validation rows, the training loss of their epoch.</param>
public sealed record EpochReport(
    int Epoch,
    double TrainingLoss,
    double ValidationLoss,
    double TrainingAccuracy,
    double ValidationAccuracy,
    double TrainingRootMeanSquaredError,
    double ValidationRootMeanSquaredError,
    double LearningRate,
    double RowsPerSecond,
    TimeSpan Elapsed,
    int BestEpoch,
    double BestLoss)
{
    /// <summary>Which of the <see cref="Members"/> it is an epoch of, from 1.</summary>
    public int Member { get; init; } = 1;

    /// <summary>How many networks are trained for their mean, see <see cref="TrainingOptions.Members"/>.</summary>
    public int Members { get; init; } = 1;

    /// <summary>Whether this epoch's weights are the best so far.</summary>
    public bool Best => BestEpoch == Epoch;

    /// <summary>The epoch of each member that was trained whose weights were kept; 0 for none.</summary>
    /// <param name="history">The reports of a whole training.</param>
    public static IReadOnlyList<int> BestEpochs(IEnumerable<EpochReport> history)
        => [.. history.GroupBy(report => report.Member).Select(member => member.Last().BestEpoch)];
}
