using Backprop.Audit;

namespace Backprop.Cli.Report;

/// <summary>Training judged step by step, each from the same weights and the same memory of the optimizer.</summary>
internal static class StepSection
{
    /// <summary>The section.</summary>
    public static Section Of(IReadOnlyList<StepReport> reports)
    {
        const string How =
            "Before each step everybody takes over this engine's weights and what its optimizer remembers; after it both, and gathered statistics, "
            + "are held to plain loops and the optimizer's formula in float64. Shown is the number farthest out, as a share of what rounding "
            + "explains of this one step, where 1 is the limit. Of a large network some steps are looked at, evenly, the last among them.";
        return new("steps", "Training, step by step", $"<p>{How}</p>\n{string.Concat(reports.Select(Of))}");
    }

    private static string Of(StepReport report)
    {
        var (worst, withTorch) = (report.Worst, report.TorchMissing is null);
        var summary = $"{Readable.Count(report.Steps.Count)} of {Readable.Count(report.Made)} steps were looked at; "
            + $"farthest out, at {Readable.Number(worst.Tensor.WorstShare, 2)} of its bound, is {worst.Where}. Verdict: {report.Verdict.Words}.";
        var chart = new LineChart(
            $"Errors of single steps with {report.Optimizer}. {summary}",
            "step",
            "error, as a share of its bound (logarithmic)",
            [
                new("this engine, float32", "first", [.. report.Steps.Select(s => ((double)s.Step, s.Tensor.WorstShare))]),
                new("the same in double", "third", [.. report.Steps.Select(s => ((double)s.Step, s.Tensor.DoubleShare))]),
                new("limit", "limit", [(report.Steps[0].Step, 1), (report.Steps[^1].Step, 1)]),
            ]);
        var steps = HtmlTable.Of(
            $"Steps with {report.Optimizer}",
            ["Step", "Verdict", "Worst at", .. AuditSections.Worst(withTorch).Select(column => column.Name)],
            [
                .. from step in report.Steps
                   let t = step.Tensor
                   select (IReadOnlyList<Cell>)
                   [
                       Cell.Text(Readable.Count(step.Step)),
                       AuditSections.Word(step.Verdict),
                       Cell.Text($"{t.Name}[{t.WorstRow}, {t.WorstColumn}]"),
                       .. AuditSections.Worst(withTorch).Select(column => column.Of(t)),
                   ],
            ]);
        var missing = withTorch ? "" : $"<p class=\"unsure\">{Html.Escape($"libtorch is no witness here. {report.TorchMissing}")}</p>\n";
        return $"<h3>{Html.Escape(report.Optimizer)}</h3>\n{missing}<p>{Html.Escape(summary)}</p>\n{chart.ToHtml()}"
            + $"<details><summary>The numbers</summary>\n{steps}</details>\n";
    }
}
