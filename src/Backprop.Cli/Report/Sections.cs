using Backprop.Cli.Tasks;
using Backprop.Training;

namespace Backprop.Cli.Report;

/// <summary>The sections every training report has.</summary>
internal static class Sections
{
    /// <summary>The loss of each epoch; of several members, its mean over those that were trained as long.</summary>
    public static Section Loss(IReadOnlyList<EpochReport> history)
    {
        var epochs = history.GroupBy(e => e.Epoch).OrderBy(epoch => epoch.Key).ToList();
        Line Of(string name, string tone, Func<EpochReport, double> loss)
            => new(name, tone, [.. epochs.Select(epoch => ((double)epoch.Key, epoch.Average(loss)))]);
        var lines = new List<Line> { Of("training (each batch before its update)", "first", e => e.TrainingLoss) };
        if (history.Any(e => double.IsFinite(e.ValidationLoss)))
        {
            lines.Add(Of("validation (rows held out)", "second", e => e.ValidationLoss));
        }

        var best = EpochReport.BestEpochs(history);
        var summary = history[0].Members > 1 ? Means(history, best) : best is [0]
            ? $"{history.Count} epochs, none better than the weights training began with, which were kept."
            : Kept(history, best[0]);
        (double, string)? mark = best is [> 0 and var kept] ? (kept, $"kept: epoch {kept}") : null;
        var chart = new LineChart($"Loss by epoch. {summary}", "epoch", "mean loss (logarithmic)", lines, mark);
        return new("loss", "Loss", $"<p>{Html.Escape(summary)}</p>\n{chart.ToHtml()}");
    }

    private static string Means(IReadOnlyList<EpochReport> history, IReadOnlyList<int> best)
    {
        var kept = history.GroupBy(e => e.Member).SelectMany(member => member.Where(e => e.Epoch == member.Last().BestEpoch)).ToList();
        var validation = kept.Exists(e => double.IsFinite(e.ValidationLoss)) ? $", validation loss {Readable.Number(kept.Average(e => e.ValidationLoss))}" : "";
        return $"{best.Count} members, {history.Count} epochs in all; the weights of their epochs {string.Join(", ", best)} were kept: "
            + $"on average training loss {Readable.Number(kept.Average(e => e.TrainingLoss))}{validation}. The lines are means over the members.";
    }

    private static string Kept(IReadOnlyList<EpochReport> history, int bestEpoch)
    {
        var best = history[bestEpoch - 1];
        var validation = double.IsFinite(best.ValidationLoss) ? $", validation loss {Readable.Number(best.ValidationLoss)}" : "";
        return $"{history.Count} epochs; the weights of epoch {bestEpoch} were kept: training loss {Readable.Number(best.TrainingLoss)}{validation}.";
    }

    /// <summary>The scores on the test rows.</summary>
    public static Section Metrics(Evaluation evaluation, int testRows)
        => new("metrics", "Scores", HtmlTable.Of(
            $"On {Readable.Count(testRows)} test rows; log-loss with the natural logarithm",
            ["Metric", "Value"],
            [.. evaluation.Metrics.Select(m => (IReadOnlyList<Cell>)[Cell.Text(m.Key), Cell.Number(Readable.Number(m.Value, 6))])]));

    /// <summary>How the run can be repeated, and where it ran.</summary>
    public static Section About(IEnumerable<(string Name, string Value)> run)
        => new("about", "Versions, seed and machine", HtmlTable.Of(
            "What this run was made of",
            ["What", "Value"],
            [.. run.Concat(Machine.Facts).Select(fact => (IReadOnlyList<Cell>)[Cell.Text(fact.Name), Cell.Words(fact.Value)])]));
}
