using System.Globalization;
using Backprop.ML;
using Backprop.Training;
using Spectre.Console;

namespace Backprop.Cli.Commands;

/// <summary>Shows training epoch by epoch: a table that is redrawn on a terminal, a line for each epoch otherwise.</summary>
internal static class EpochDisplay
{
    private const int ShownEpochs = 12;

    /// <summary>Runs the training and shows what it reports.</summary>
    public static T Show<T>(Session session, MultilayerPerceptronOptions options, Func<T> train)
    {
        if (!session.Live)
        {
            options.Progress = epoch => session.Say(
                $"{Member(epoch)}epoch {epoch.Epoch,3}  training loss {Loss(epoch.TrainingLoss)}  validation loss {Loss(epoch.ValidationLoss)}  "
                + $"{(Metric(epoch) is { Length: > 0 } metric ? $"{metric}  " : "")}{Rate(epoch)} rows/s{(IsBest(epoch) ? "  best" : "")}");
            return train();
        }

        var table = new Table().Border(TableBorder.Simple)
            .AddColumn(new TableColumn("epoch").RightAligned())
            .AddColumn(new TableColumn("training loss").RightAligned())
            .AddColumn(new TableColumn("validation loss").RightAligned())
            .AddColumn(new TableColumn("on validation rows").RightAligned())
            .AddColumn(new TableColumn("rows/s").RightAligned())
            .AddColumn("");
        return session.Console.Live(table).Start(display =>
        {
            options.Progress = epoch =>
            {
                if (table.Rows.Count == ShownEpochs)
                {
                    table.RemoveRow(0);
                }

                table.AddRow(
                    $"{Member(epoch)}{epoch.Epoch}{(options.NumberOfIterations is { } most ? $" of {most}" : "")}",
                    Loss(epoch.TrainingLoss),
                    Loss(epoch.ValidationLoss),
                    Metric(epoch),
                    Rate(epoch),
                    IsBest(epoch) ? "[green]best[/]" : "");
                display.Refresh();
            };
            return train();
        });
    }

    /// <summary>Without validation rows every epoch is kept, which says nothing.</summary>
    private static bool IsBest(EpochReport epoch) => epoch.Best && !double.IsNaN(epoch.ValidationLoss);

    /// <summary>Which of several networks is trained.</summary>
    private static string Member(EpochReport epoch) => epoch.Members == 1 ? "" : $"member {epoch.Member} of {epoch.Members}  ";

    private static string Loss(double loss) => double.IsNaN(loss) ? "none" : loss.ToString("F5", CultureInfo.InvariantCulture);

    /// <summary>The validation rows' accuracy, or their error in the label's units, as far as there is one.</summary>
    private static string Metric(EpochReport epoch)
        => !double.IsNaN(epoch.ValidationAccuracy) ? string.Create(CultureInfo.InvariantCulture, $"accuracy {epoch.ValidationAccuracy:F4}")
            : !double.IsNaN(epoch.ValidationRootMeanSquaredError)
                ? string.Create(CultureInfo.InvariantCulture, $"rmse {epoch.ValidationRootMeanSquaredError:G5}")
            : "";

    private static string Rate(EpochReport epoch) => epoch.RowsPerSecond.ToString("N0", CultureInfo.InvariantCulture);
}
