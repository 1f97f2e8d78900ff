namespace Backprop.Training;

/// <summary>An epoch's report as plain numbers, as a checkpoint has it.</summary>
internal readonly record struct ReportState(
    double TrainingLoss,
    double ValidationLoss,
    double TrainingAccuracy,
    double ValidationAccuracy,
    double TrainingRootMeanSquaredError,
    double ValidationRootMeanSquaredError,
    double LearningRate,
    double RowsPerSecond,
    long Ticks,
    double BestLoss,
    int Epoch,
    int BestEpoch)
{
    public static ReportState Of(EpochReport report) => new(
        TrainingLoss: report.TrainingLoss,
        ValidationLoss: report.ValidationLoss,
        TrainingAccuracy: report.TrainingAccuracy,
        ValidationAccuracy: report.ValidationAccuracy,
        TrainingRootMeanSquaredError: report.TrainingRootMeanSquaredError,
        ValidationRootMeanSquaredError: report.ValidationRootMeanSquaredError,
        LearningRate: report.LearningRate,
        RowsPerSecond: report.RowsPerSecond,
        Ticks: report.Elapsed.Ticks,
        BestLoss: report.BestLoss,
        Epoch: report.Epoch,
        BestEpoch: report.BestEpoch);

    /// <param name="member">Which network it is of.</param>
    /// <param name="members">How many there are.</param>
    public EpochReport ToReport(int member, int members) => new(
        Epoch: Epoch,
        TrainingLoss: TrainingLoss,
        ValidationLoss: ValidationLoss,
        TrainingAccuracy: TrainingAccuracy,
        ValidationAccuracy: ValidationAccuracy,
        TrainingRootMeanSquaredError: TrainingRootMeanSquaredError,
        ValidationRootMeanSquaredError: ValidationRootMeanSquaredError,
        LearningRate: LearningRate,
        RowsPerSecond: RowsPerSecond,
        Elapsed: new(Ticks),
        BestEpoch: BestEpoch,
        BestLoss: BestLoss)
    {
        Member = member,
        Members = members,
    };
}
