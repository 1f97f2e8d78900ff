using Backprop.Audit;

namespace Backprop.Cli.Report;

/// <summary>The sections that compare the engine with libtorch.</summary>
internal static class AuditSections
{
    /// <summary>Each gradient tensor beside libtorch's, both against the float64 reference.</summary>
    public static Section Agreement(GradientReport report)
    {
        var withTorch = report.TorchMissing is null;
        var how = $"The same network, weights and rows in this engine{(withTorch ? " and in libtorch, both in float32, measured" : " in float32, measured")} "
            + "against the network by plain loops in float64. "
            + "A tensor's error is ‖gradient − reference‖ / ‖reference‖; its worst element is the one with the largest error relative to "
            + "the most that rounding explains of it, its bound; that share of the engine run in double stands beside it.";
        var tensors = HtmlTable.Sortable(
            $"Gradients of {report.Network}, {report.Batch} rows",
            [
                "Tensor", "Verdict", "Size", "Error", .. withTorch ? ["libtorch's"] : Array.Empty<string>(), "Limit", "Worst at",
                .. Worst(withTorch).Select(column => column.Name),
            ],
            [.. report.Tensors.Select(t => Row(t, withTorch))]);
        var theirs = withTorch ? $"{Readable.Number(report.TorchLoss, 9)} in libtorch, " : "";
        var loss = $"Loss of these rows: {Readable.Number(report.OursLoss, 9)} here, {theirs}"
            + $"{Readable.Number(report.ReferenceLoss, 9)} in float64.";
        var kinks = report.Kinks.Count == 0
            ? ""
            : $"<h3>Units near a kink</h3>\n<ul>{string.Concat(report.Kinks.Select(k => $"<li>{Html.Escape(k)}</li>"))}</ul>\n";
        var missing = report.TorchMissing is { } reason
            ? $"<p class=\"unsure\">"
                + Html.Escape($"libtorch is no witness here; the engine in double, the reference and central differences are. {reason}") + "</p>\n"
            : "";
        return new("agreement", "Agreement of gradients", $"<p>{Html.Escape(how)}</p>\n{missing}{tensors}<p>{Html.Escape(loss)}</p>\n{kinks}");
    }

    /// <summary>How many elements are how far off, and where in each weight gradient.</summary>
    public static Section Spread(GradientReport report)
    {
        const string How = "An element's bound is what the roundings of its own sums can add up to, in the worst case; errors are shares of it.";
        var histogram = ErrorHistogram.Of($"{report.Network}, {report.Batch} rows", [.. report.Tensors.Select(t => t.Spread).OfType<ErrorSpread>()]);
        var maps = string.Concat(report.Tensors.Where(t => t.Name.Contains('.')).Select(HeatMap.Of));
        return new("errors", "Errors of single elements", $"<p>{How}</p>\n{histogram}"
            + (maps.Length > 0 ? $"<h3>Where in the weight gradients</h3>\n{HeatMap.Legend()}<div class=\"maps\">\n{maps}</div>\n" : ""));
    }

    /// <summary>How far float32 weights drift from float64 ones, step by step.</summary>
    public static Section Drift(IEnumerable<DriftReport> reports)
    {
        const string How =
            "From the same weights, on the same batches: after each step the distance of the float32 weights from the float64 ones, "
            + "relative to the distance travelled from the start. Rounding alone keeps it above 0, in any library.";
        return new("drift", "Weight drift", $"<p>{How}</p>\n{string.Concat(reports.Select(Drift))}");
    }

    /// <summary>The time of one training step.</summary>
    public static Section Timing(IReadOnlyList<TimingReport> reports)
    {
        const string How =
            "One training step: forward, backward and update on a batch in memory. Measured in turns in one process; medians.";
        var rows = reports.SelectMany(r =>
        {
            var slowest = Math.Max(r.TorchOneThreadMicroseconds, Math.Max(r.TorchBestMicroseconds, r.EngineMicroseconds));
            IReadOnlyList<Cell> Row(string who, int threads, double microseconds, string tone, string ratio) =>
            [
                Cell.Text(r.Optimizer),
                Cell.Text(who),
                Cell.Number(Readable.Count(threads)),
                Cell.Number($"{Readable.Number(microseconds)} µs"),
                new($"<span class=\"bar {tone}\" style=\"--share:{Html.Coordinate(100 * microseconds / slowest)}%\"></span>"),
                Cell.Number(ratio),
            ];
            return new[]
            {
                Row("this engine", r.EngineThreads, r.EngineMicroseconds, "first", "1"),
                Row("libtorch", 1, r.TorchOneThreadMicroseconds, "second", Readable.Number(r.RatioOneThread)),
                Row("libtorch at its best", r.TorchBestThreads, r.TorchBestMicroseconds, "second", Readable.Number(r.RatioBest)),
            };
        });
        var network = reports.Count > 0 ? $"{reports[0].Network}, {reports[0].Batch} rows a step, {reports[0].Rounds} rounds" : "";
        var spread = string.Join(", ", reports.Select(r => $"{r.Optimizer} {Readable.Number(100 * r.Spread, 2)} %"));
        return new("timing", "Time of a training step", $"<p>{How}</p>\n"
            + HtmlTable.Of(network, ["Optimizer", "Who", "Threads", "Time of a step", "", "Times ours"], [.. rows])
            + $"<p class=\"note\">Spread of the rounds: {Html.Escape(spread)}.</p>\n");
    }

    private static IReadOnlyList<Cell> Row(TensorAgreement t, bool withTorch) =>
    [
        Cell.Text(t.Name),
        Word(t.Verdict),
        new(Html.Escape($"{t.Rows} × {t.Columns}"), Cell.NumberClass, (double)t.Rows * t.Columns),
        Cell.Number(t.OursError, 2),
        .. withTorch ? [Cell.Number(t.TorchError, 2)] : Array.Empty<Cell>(),
        Cell.Number(t.Limit, 2),
        Cell.Number($"[{t.WorstRow}, {t.WorstColumn}]"),
        .. Worst(withTorch).Select(column => column.Of(t)),
    ];

    /// <summary>What a table says of a tensor's worst element, behind where it is.</summary>
    public static IReadOnlyList<(string Name, Func<TensorAgreement, Cell> Of)> Worst(bool withTorch) =>
    [
        ("Share of bound", t => Cell.Number(t.WorstShare, 2)),
        ("In double", t => Cell.Number(t.DoubleShare, 2)),
        ("There, ours", t => Cell.Number(t.WorstOurs, 6)),
        .. withTorch ? [("libtorch", t => Cell.Number(t.WorstTorch, 6))] : Array.Empty<(string, Func<TensorAgreement, Cell>)>(),
        ("float64", t => Cell.Number(t.WorstReference, 6)),
    ];

    /// <summary>A verdict in its colour; sorted, the worst is the largest.</summary>
    public static Cell Word(Verdict verdict) => new(
        Html.Escape(verdict.Words), verdict switch { Verdict.Agrees => "good", Verdict.OursWorse => "bad", _ => "unsure" }, (double)verdict);

    private static string Drift(DriftReport report)
    {
        var (last, withTorch) = (report.Steps[^1], report.TorchLargest is not null);
        var summary = $"Over {last.Step} steps ours is at most {Readable.Number(report.OursLargest, 2)}"
            + $"{(withTorch ? $", libtorch's {Readable.Number(report.TorchLargest, 2)}" : "")}; limit at the last {Readable.Number(report.Limit, 2)}: "
            + $"{report.Verdict.Words}. {report.Reason}";
        Line[] lines =
        [
            new("this engine, float32", "first", [.. report.Steps.Select(s => ((double)s.Step, s.OursDrift))]),
            new("libtorch, float32", "second", [.. report.Steps.Select(s => ((double)s.Step, s.TorchDrift ?? double.NaN))]),
            new("libtorch on two threads", "third", [.. report.Steps.Select(s => ((double)s.Step, s.TwoThreadsDrift ?? double.NaN))]),
            new("from weights an ulp away", "fourth", [.. report.Steps.Select(s => ((double)s.Step, s.MovedDrift ?? double.NaN))]),
            new("limit", "limit", [.. report.Steps.Select(s => ((double)s.Step, s.Limit))]),
        ];
        var chart = new LineChart(
            $"Weight drift with {report.Optimizer} by step. {summary}",
            "step",
            "drift, relative to the distance travelled (logarithmic)",
            [.. lines.Where(line => line.Points.Any(point => !double.IsNaN(point.Y)))]);
        var steps = HtmlTable.Of(
            $"Every step with {report.Optimizer}",
            withTorch ? ["Step", "Drift, ours", "Drift, libtorch", "Loss, ours", "Loss, libtorch"] : ["Step", "Drift, ours", "Loss, ours"],
            [
                .. report.Steps.Select(s => (IReadOnlyList<Cell>)
                [
                    Cell.Text(Readable.Count(s.Step)),
                    Cell.Number(Readable.Number(s.OursDrift, 3)),
                    .. withTorch ? [Cell.Number(Readable.Number(s.TorchDrift, 3))] : Array.Empty<Cell>(),
                    Cell.Number(Readable.Number(s.OursLoss, 8)),
                    .. withTorch ? [Cell.Number(Readable.Number(s.TorchLoss, 8))] : Array.Empty<Cell>(),
                ]),
            ]);
        var missing = report.TorchMissing is { } reason
            ? $"<p class=\"unsure\">{Html.Escape($"libtorch is no witness here; the engine in float64 is the reference. {reason}")}</p>\n"
            : "";
        return $"<h3>{Html.Escape(report.Optimizer)}</h3>\n{missing}<p>{Html.Escape(summary)}</p>\n{chart.ToHtml()}"
            + $"<details><summary>The numbers</summary>\n{steps}</details>\n";
    }
}
