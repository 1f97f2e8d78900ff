using System.Globalization;
using Backprop.Training;

namespace Backprop.ML;

/// <summary>An epoch in a line of the log.</summary>
internal static class EpochLine
{
    /// <summary>What is known of it: what is not, such as a validation loss without validation rows, is left out.</summary>
    internal static string Of(EpochReport report)
    {
        var (loss, accuracy, error) = double.IsNaN(report.ValidationLoss)
            ? ("", report.TrainingAccuracy, report.TrainingRootMeanSquaredError)
            : (", validation loss {1:G6}", report.ValidationAccuracy, report.ValidationRootMeanSquaredError);
        var metric = !double.IsNaN(accuracy) ? ", accuracy {2:P2}" : !double.IsNaN(error) ? ", root mean squared error {3:G6}" : "";
        var member = report.Members == 1 ? "" : $"Member {report.Member} of {report.Members}, ";
        return $"{member}{(report.Members == 1 ? "Epoch" : "epoch")} {report.Epoch}: " + string.Format(
            CultureInfo.InvariantCulture,
            "training loss {0:G6}" + loss + metric + ", best epoch {4}, learning rate {5:G3}, {6:N0} rows/s.",
            report.TrainingLoss,
            report.ValidationLoss,
            accuracy,
            error,
            report.BestEpoch,
            report.LearningRate,
            report.RowsPerSecond);
    }
}
