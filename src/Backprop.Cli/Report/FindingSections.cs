using Backprop.Audit;
using Backprop.Cli.Auditing;

namespace Backprop.Cli.Report;

/// <summary>The sections on single formulas, losses, layers, optimizers and the like, on conventions, and on defects.</summary>
internal static class FindingSections
{
    private static readonly string[] columns = ["Subject", "Verdict", "Check", "Share of bound", "Where it is largest"];

    /// <summary>Every finding: a line an area, then those to look at, then all.</summary>
    public static Section Catalogue(IReadOnlyList<Finding> findings)
    {
        var areas = findings.GroupBy(finding => finding.Area).ToList();
        var summary = HtmlTable.Sortable(
            $"{Readable.Count(findings.Count)} checks by what is checked",
            ["Area", "Checks", "Agree", "Theirs worse", "Undecided", "Against us", "Nearest its bound", "Share of bound"],
            [.. areas.Select(Summary)]);
        var notable = findings.Where(finding => finding.Verdict != Verdict.Agrees).OrderByDescending(finding => finding.Verdict).ToList();
        var exceptions = notable.Count == 0
            ? "<p>Every one agrees.</p>\n"
            : "<h3>Those that do not agree</h3>\n" + HtmlTable.Sortable(
                "By verdict, the worst first", ["Area", .. columns], [.. notable.Select(f => (IReadOnlyList<Cell>)[Cell.Text(f.Area), .. Row(f)])]);
        var all = string.Concat(areas.Select(area =>
            $"<details><summary>{Html.Escape(area.Key)}: all {Readable.Count(area.Count())}</summary>\n"
            + $"{HtmlTable.Sortable($"Checks of: {area.Key}", columns, [.. area.Select(Row)])}</details>\n"));
        return new("catalogue", "The catalogue, check by check", summary + exceptions + all);
    }

    /// <summary>What PyTorch does where several conventions would do, and what this engine does.</summary>
    public static Section Conventions(IReadOnlyList<Convention> conventions)
    {
        const string How =
            "At kinks, infinities, NaN and empty sums mathematics leaves a choice. PyTorch's is the one to match; "
            + "where this engine differs on purpose, it says why.";
        string[] headings = ["Subject", "Result", "At", "PyTorch", "This engine", "Why it differs"];
        var different = conventions.Where(c => !c.IsTorchs).OrderBy(c => c.Passes).ToList();
        return new("conventions", "Conventions of PyTorch", $"<p>{How}</p>\n" + SomeAndAll(
            $"{Readable.Count(conventions.Count(c => c.IsTorchs))} of {Readable.Count(conventions.Count)} are as in PyTorch; these differ",
            "All conventions", headings, [.. different.Select(Row)], [.. conventions.Select(Row)]));
    }

    /// <summary>Where to read which defects are seen, where none were tried.</summary>
    public static Section NoKills { get; } = new(
        "sure",
        "How sure that is",
        "<p>Which known defects these checks see, and PyTorch's conventions one by one, are in the report of <code>backprop audit --all</code>.</p>\n");

    /// <summary>Which defect is seen by what.</summary>
    public static Section Kills(IReadOnlyList<Kill> kills)
    {
        const string How = "How sure the verdicts are: each of these defects was put into the engine, and the audit run on it. It is seen when a check fails.";
        string[] headings = ["Defect", "Result", "Where", "Seen by", "What that says"];
        var untried = kills.Count(kill => !kill.IsTried);
        var caption = $"{Readable.Count(kills.Count(kill => kill.IsKilled))} of {Readable.Count(kills.Count - untried)} defects are seen"
            + (untried > 0 ? $"; {Readable.Count(untried)} could not be tried, as they need libtorch" : "");
        return new("defects", "Defects put in on purpose", $"<p>{How}</p>\n" + SomeAndAll(
            caption, "All defects", headings, [.. kills.Where(kill => !kill.IsKilled).OrderByDescending(kill => kill.Survives).Select(Row)],
                [.. kills.Select(Row)]));
    }

    /// <summary>What could not run.</summary>
    public static Section NotRun(IReadOnlyList<NotRun> checks) => new("not-run", "Not run", HtmlTable.Of(
        "Checks that could not run here", ["Check", "Reason"], [.. checks.Select(c => (IReadOnlyList<Cell>)[Cell.Text(c.Check), Cell.Words(c.Reason)])]));

    /// <summary>What did not come to its end.</summary>
    public static Section Unfinished(IReadOnlyList<Unfinished> checks) => new("not-finished", "Not finished", HtmlTable.Of(
        "Checks that began and did not come to their end; they say nothing of anyone's numbers",
        ["Check", "How it ended"],
        [.. checks.Select(c => (IReadOnlyList<Cell>)[Cell.Text(c.Check), Cell.Words(c.How)])]));

    /// <summary>Those to look at in view, and all behind a line to open.</summary>
    private static string SomeAndAll(
        string caption, string allOf, IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<Cell>> some, IReadOnlyList<IReadOnlyList<Cell>> all)
        => (some.Count == 0 ? $"<p>{Html.Escape(caption)}.</p>\n" : HtmlTable.Sortable(caption, headings, some))
            + $"<details><summary>{allOf}, {Readable.Count(all.Count)}</summary>\n{HtmlTable.Sortable(allOf, headings, all)}</details>\n";

    private static IReadOnlyList<Cell> Row(Kill kill) =>
    [
        Cell.Words(kill.Defect),
        kill.IsTried ? Result(kill.IsKilled, "seen", "NOT SEEN") : new("not tried", "unsure", 1),
        Cell.Text(kill.Area),
        Cell.Words(kill.KilledBy ?? (kill.IsTried ? "nothing" : "")),
        Cell.Words(kill.Where),
    ];

    private static IReadOnlyList<Cell> Summary(IGrouping<string, Finding> area)
    {
        var worst = area.MaxBy(finding => double.IsNaN(finding.Share) ? double.PositiveInfinity : finding.Share)!;
        Cell Count(Func<Finding, bool> which, string @class) => area.Count(which) is var count && count == 0
            ? new("0", Cell.NumberClass, 0)
            : new(Readable.Count(count), $"{Cell.NumberClass} {@class}", count);
        return
        [
            Cell.Text(area.Key),
            new(Readable.Count(area.Count()), Cell.NumberClass, area.Count()),
            Count(f => f.Verdict == Verdict.Agrees, "good"),
            Count(f => f.Verdict == Verdict.TheirsWorse, "unsure"),
            Count(f => f.Verdict == Verdict.Undecided, "unsure"),
            Count(f => f.Verdict.IsAgainstUs, "bad"),
            Cell.Text(worst.Subject),
            Cell.Number(worst.Share, 2),
        ];
    }

    private static IReadOnlyList<Cell> Row(Finding finding) =>
    [
        Cell.Text(finding.Subject), AuditSections.Word(finding.Verdict), Cell.Words(finding.Check), Cell.Number(finding.Share, 2), Cell.Words(finding.Where),
    ];

    private static IReadOnlyList<Cell> Row(Convention convention) =>
    [
        Cell.Words(convention.Subject),
        convention.Passes && !convention.IsTorchs ? new("differs on purpose", "unsure", 1) : Result(convention.Passes, "as PyTorch", "DIFFERS"),
        Cell.Words(convention.At),
        Cell.Words(convention.Torch),
        Cell.Words(convention.Ours),
        Cell.Words(convention.Deviation ?? ""),
    ];

    private static Cell Result(bool good, string yes, string no) => good ? new(yes, "good", 0) : new(no, "bad", 2);
}
