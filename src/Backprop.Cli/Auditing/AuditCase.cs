using Backprop.Audit;
using Backprop.Cli.Report;

namespace Backprop.Cli.Auditing;

/// <summary>What came of a check, as test runners have it.</summary>
internal enum CaseOutcome
{
    /// <summary>Nothing against us.</summary>
    Passed,

    /// <summary>A verdict against us, or a defect that was not seen.</summary>
    Failed,

    /// <summary>It could not run, or nobody can tell.</summary>
    Skipped,

    /// <summary>It began and did not come to its end.</summary>
    Unfinished,
}

/// <summary>One check as a test case.</summary>
/// <param name="Suite">What kind of check.</param>
/// <param name="Name">Which, unlike any other of its kind.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Message">The verdict, where it is, and by how much: its last full stop is left to whoever puts it into a sentence.</param>
internal sealed record AuditCase(string Suite, string Name, CaseOutcome Outcome, string Message)
{
    /// <inheritdoc cref="AuditCase"/>
    public string Message { get; } = Message.TrimEnd('.', ' ');

    /// <summary>Each tensor of a network.</summary>
    public static IEnumerable<AuditCase> Of(GradientReport report) => report.Tensors.Select(t => new AuditCase(
        $"gradients of {report.Network}, {report.Batch} rows",
        t.Name,
        Of(t.Verdict),
        $"{t.Verdict.Words}: {t.Where.TrimEnd('.')}{(t.Reason is null ? "" : $"; {t.Reason}")}"));

    /// <summary>A training, step by step.</summary>
    public static AuditCase Of(StepReport report) => new(
        "steps",
        $"{report.Optimizer}, {report.Steps.Count} of {report.Made} steps from the same weights",
        Of(report.Verdict),
        $"{report.Verdict.Words}: {report.Worst.Where}");

    /// <summary>A training.</summary>
    public static AuditCase Of(DriftReport report) => new(
        "drifts",
        $"{report.Optimizer}, {report.Steps.Count} steps",
        Of(report.Verdict),
        $"{report.Verdict.Words}: drift at most {Readable.Number(report.OursLargest)}, "
        + $"{(report.TorchLargest is { } theirs ? $"libtorch's {Readable.Number(theirs)}, " : "")}limit {Readable.Number(report.Limit)}"
        + $"{(report.Verdict == Verdict.Agrees ? "." : $". {report.Reason}")} {report.TorchMissing}");

    /// <summary>A finding.</summary>
    public static AuditCase Of(Finding finding) => new(
        finding.Area,
        $"{finding.Subject}: {finding.Check}",
        Of(finding.Verdict),
        $"{finding.Verdict.Words}: {Readable.Number(finding.Share)} of the bound; {finding.Where}");

    /// <summary>A convention.</summary>
    public static AuditCase Of(Convention convention) => new(
        "conventions",
        $"{convention.Subject} at {convention.At}",
        convention.Passes ? CaseOutcome.Passed : CaseOutcome.Failed,
        $"ours {convention.Ours}, PyTorch's {convention.Torch}{(convention.Deviation is { } reason ? $"; on purpose: {reason}" : "")}");

    /// <summary>A defect.</summary>
    public static AuditCase Of(Kill kill) => new(
        "defects",
        $"{kill.Area}: {kill.Defect}",
        kill.Survives ? CaseOutcome.Failed : kill.IsKilled ? CaseOutcome.Passed : CaseOutcome.Skipped,
        kill.IsKilled ? $"seen by {kill.KilledBy}: {kill.Where}" : kill.Where);

    /// <summary>Random networks: one case for all that do not fail, and one for each that does.</summary>
    public static IEnumerable<AuditCase> Of(SweepReport sweep) =>
    [
        new(
            "random networks",
            "all others",
            CaseOutcome.Passed,
            $"{SweepSection.Summary(sweep)} {(sweep.Worst is { } worst ? $"{SweepSection.Nearest(worst)}: {worst.Command}" : "")}"),
        .. sweep.Failures.Select(failure => new AuditCase(
            "random networks",
            $"number {failure.Number} of seed {sweep.Seed}",
            CaseOutcome.Failed,
            $"{failure.Kind}: {failure.Where.TrimEnd('.')}; again by: {failure.Command}")),
    ];

    /// <summary>What could not run.</summary>
    public static AuditCase Of(NotRun check) => new("not run", check.Check, CaseOutcome.Skipped, check.Reason);

    /// <summary>What did not come to its end.</summary>
    public static AuditCase Of(Unfinished check) => new("not finished", check.Check, CaseOutcome.Unfinished, check.How);

    private static CaseOutcome Of(Verdict verdict)
        => verdict.IsAgainstUs ? CaseOutcome.Failed : verdict == Verdict.Undecided ? CaseOutcome.Skipped : CaseOutcome.Passed;
}
