using Backprop.Audit;
using Backprop.Cli.Auditing;
using Backprop.Cli.Report;
using Spectre.Console;
using Text = Spectre.Console.Text;

namespace Backprop.Cli.Commands;

/// <summary>Shows what an audit found: each tensor and each training, then what was not done, and how many checks came out how.</summary>
internal static class AuditDisplay
{
    /// <summary>Shows what was compared, its tensors and trainings.</summary>
    public static void Show(Session session, AuditResult result, IEnumerable<(string Name, string Value)> about)
    {
        foreach (var (name, value) in about)
        {
            session.Say($"{name}: {value}.");
        }

        foreach (var report in result.Gradients)
        {
            Show(session, report);
        }

        if (result.Steps.Count > 0)
        {
            Show(session, result.Steps);
        }

        if (result.Drifts.Count > 0)
        {
            Show(session, result.Drifts);
        }
    }

    /// <summary>Says what was not done, and counts.</summary>
    public static void Summarise(Session session, AuditResult result, TimeSpan time)
    {
        if (result.Sweep is { } sweep)
        {
            session.Say($"Random networks: {SweepSection.Summary(sweep)}");
        }

        if (result.Repeated > 0)
        {
            session.Say($"Run again, as TorchSharp threw at first and not again: {result.Repeated:N0} pieces.");
        }

        foreach (var checks in result.NotRun.GroupBy(check => check.Reason))
        {
            session.Say($"Not run: {string.Join(", ", checks.Select(check => check.Check).Distinct())}. {checks.Key}");
        }

        foreach (var check in result.Unfinished)
        {
            session.Say($"Not finished: {check.Check}. {check.How}");
        }

        var cases = result.Cases;
        int Count(CaseOutcome outcome) => cases.Count(c => c.Outcome == outcome);
        session.Say(
            $"{cases.Count:N0} checks in {Readable.Number(time.TotalSeconds, 2)} s: {Count(CaseOutcome.Failed):N0} against us, "
            + $"{Count(CaseOutcome.Skipped):N0} undecided or not run"
            + $"{(Count(CaseOutcome.Unfinished) is > 0 and var unfinished ? $", {unfinished:N0} not finished" : "")}.");
    }

    private static void Show(Session session, GradientReport report)
    {
        var withTorch = report.TorchMissing is null;
        session.Say(
            $"Gradients on {report.Batch} rows; loss {Readable.Number(report.OursLoss, 9)}, "
            + $"{(withTorch ? $"libtorch's {Readable.Number(report.TorchLoss, 9)}, " : "")}in float64 {Readable.Number(report.ReferenceLoss, 9)}:");
        if (!withTorch)
        {
            session.Say($"Without libtorch as a witness: {report.TorchMissing}");
        }

        var tensors = Table(
        [
            "tensor", "size", "error", .. withTorch ? ["libtorch's"] : Array.Empty<string>(), "limit",
            "worst element", "share of bound", "in double", "verdict",
        ]);
        foreach (var t in report.Tensors)
        {
            tensors.AddRow(
            [
                new Text(t.Name),
                new Text($"{t.Rows}×{t.Columns}"),
                Figure(t.OursError),
                .. withTorch ? [Figure(t.TorchError)] : Array.Empty<Text>(),
                Figure(t.Limit),
                new Text($"[{t.WorstRow}, {t.WorstColumn}]"),
                Figure(t.WorstShare),
                Figure(t.DoubleShare),
                Word(t.Verdict),
            ]);
        }

        session.Console.Write(tensors);
        foreach (var check in AuditCase.Of(report).Zip(report.Tensors).Where(pair => pair.Second.Verdict != Verdict.Agrees).Select(pair => pair.First))
        {
            session.Say($"{check.Name}: {check.Message.TrimEnd('.')}.");
        }

        foreach (var kink in report.Kinks)
        {
            session.Say(kink);
        }
    }

    private static void Show(Session session, IReadOnlyList<StepReport> reports)
    {
        session.Say(
            "Steps of training, of a large network some, each from the same weights and memory; the number farthest out, as a share of what rounding "
            + "explains of one step:");
        var steps = Table(["optimizer", "steps", "worst after", "tensor", "element", "share of limit", "in double", "verdict"]);
        foreach (var report in reports)
        {
            var worst = report.Worst;
            steps.AddRow(
                new Text(report.Optimizer),
                new Text($"{report.Steps.Count} of {report.Made}"),
                new Text($"step {worst.Step}"),
                new Text(worst.Tensor.Name),
                new Text($"[{worst.Tensor.WorstRow}, {worst.Tensor.WorstColumn}]"),
                Figure(worst.Tensor.WorstShare),
                Figure(worst.Tensor.DoubleShare),
                Word(report.Verdict));
        }

        session.Console.Write(steps);
        foreach (var report in reports.Where(report => report.Verdict != Verdict.Agrees))
        {
            session.Say($"{report.Optimizer}: {report.Worst.Tensor.Reference}");
        }
    }

    private static void Show(Session session, IReadOnlyList<DriftReport> reports)
    {
        var withTorch = reports.Any(report => report.TorchLargest is not null);
        session.Say("Largest drift of the weights over all steps, relative to the distance travelled, against float64:");
        var drifts = Table(["optimizer", "steps", "drift", .. withTorch ? ["libtorch's"] : Array.Empty<string>(), "limit", "verdict"]);
        foreach (var d in reports)
        {
            drifts.AddRow(
            [
                new Text(d.Optimizer),
                new Text($"{d.Steps.Count}"),
                Figure(d.OursLargest),
                .. withTorch ? [Figure(d.TorchLargest)] : Array.Empty<Text>(),
                Figure(d.Limit),
                Word(d.Verdict),
            ]);
        }

        session.Console.Write(drifts);
        foreach (var report in reports.Where(report => report.Verdict != Verdict.Agrees))
        {
            session.Say($"{report.Optimizer}: {report.Reason}");
        }
    }

    private static Table Table(IEnumerable<string> columns)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
        {
            table.AddColumn(column);
        }

        return table;
    }

    private static Text Figure(double? number) => new(Readable.Number(number, 2));

    private static Text Word(Verdict verdict) => new(
        verdict.Words, verdict switch { Verdict.Agrees => Color.Green, Verdict.OursWorse => Color.Red, _ => Color.Yellow });
}
