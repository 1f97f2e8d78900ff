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
        report.TrainingLoss,
        report.ValidationLoss,
        report.TrainingAccuracy,
        report.ValidationAccuracy,
        report.TrainingRootMeanSquaredError,
        report.ValidationRootMeanSquaredError,
        report.LearningRate,
        report.RowsPerSecond,
        report.Elapsed.Ticks,
        report.BestLoss,
        report.Epoch,
        report.BestEpoch);

    public EpochReport ToReport() => new(
        Epoch,
        TrainingLoss,
        ValidationLoss,
        TrainingAccuracy,
        ValidationAccuracy,
        TrainingRootMeanSquaredError,
        ValidationRootMeanSquaredError,
        LearningRate,
        RowsPerSecond,
        new(Ticks),
        BestEpoch,
        BestLoss);
}
