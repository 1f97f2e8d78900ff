using Backprop.Audit;
using Backprop.Cli.Report;

namespace Backprop.Cli.Auditing;

/// <summary>What came of a check, as test runners have it.</summary>
internal enum Outcome
{
    /// <summary>Nothing against us.</summary>
    Passed,

    /// <summary>A verdict against us, or a defect that was not seen.</summary>
    Failed,

    /// <summary>It could not run, or nobody can tell.</summary>
    Skipped,
}

/// <summary>One check as a test case.</summary>
/// <param name="Suite">What kind of check.</param>
/// <param name="Name">Which, unlike any other of its kind.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Message">The verdict, where it is, and by how much.</param>
internal sealed record AuditCase(string Suite, string Name, Outcome Outcome, string Message)
{
    /// <summary>Each tensor of a network.</summary>
    public static IEnumerable<AuditCase> Of(GradientReport report) => report.Tensors.Select(t => new AuditCase(
        $"gradients of {report.Network}, {report.Batch} rows",
        t.Name,
        Of(t.Verdict),
        $"{t.Verdict.Words}: error {Html.Number(t.OursError)}, libtorch's {Html.Number(t.TorchError)}, limit {Html.Number(t.Limit)}; "
        + $"worst at [{t.WorstRow}, {t.WorstColumn}], {Html.Number(t.WorstShare)} of its bound: "
        + $"ours {Html.Number(t.WorstOurs, 9)}, libtorch's {Html.Number(t.WorstTorch, 9)}, in float64 {Html.Number(t.WorstReference, 9)}"));

    /// <summary>A training.</summary>
    public static AuditCase Of(DriftReport report) => new(
        "trajectories",
        $"{report.Optimizer}, {report.Steps.Count} steps",
        Of(report.Verdict),
        $"{report.Verdict.Words}: drift at most {Html.Number(report.OursLargest)}, libtorch's {Html.Number(report.TorchLargest)}, limit {Html.Number(report.Limit)}");

    /// <summary>A finding.</summary>
    public static AuditCase Of(Finding finding) => new(
        finding.Area,
        $"{finding.Subject}: {finding.Check}",
        Of(finding.Verdict),
        $"{finding.Verdict.Words}: {Html.Number(finding.Share)} of the bound; {finding.Where}");

    /// <summary>A convention.</summary>
    public static AuditCase Of(Convention convention) => new(
        "conventions",
        $"{convention.Subject} at {convention.At}",
        convention.Passes ? Outcome.Passed : Outcome.Failed,
        $"ours {convention.Ours}, PyTorch's {convention.Torch}{(convention.Deviation is { } reason ? $"; on purpose: {reason}" : "")}");

    /// <summary>A defect.</summary>
    public static AuditCase Of(Kill kill) => new(
        "defects",
        $"{kill.Area}: {kill.Defect}",
        kill.Survives ? Outcome.Failed : kill.IsKilled ? Outcome.Passed : Outcome.Skipped,
        kill.IsKilled ? $"seen by {kill.KilledBy}: {kill.Where}" : kill.Where);

    /// <summary>Random networks: one case for all that agree, and one for each that does not.</summary>
    public static IEnumerable<AuditCase> Of(SweepReport sweep) =>
    [
        new(
            "random networks",
            "all others",
            Outcome.Passed,
            $"{sweep.Cases - sweep.Failures.Count:N0} of {sweep.Cases:N0} networks of seed {sweep.Seed} agree; error in the geometric mean "
            + $"{Html.Number(sweep.GeometricMean)} of libtorch's{(sweep.Worst is { } worst ? $"; nearest its bound, at {Html.Number(worst.Share)}: {worst.Command}" : "")}"),
        .. sweep.Failures.Select(failure => new AuditCase(
            "random networks", $"number {failure.Number} of seed {sweep.Seed}", Outcome.Failed, $"{failure.Kind}: {failure.Where}; again by: {failure.Command}")),
    ];

    /// <summary>What could not run.</summary>
    public static AuditCase Of(NotRun check) => new("not run", check.Check, Outcome.Skipped, check.Reason);

    private static Outcome Of(Verdict verdict)
        => verdict.IsAgainstUs ? Outcome.Failed : verdict == Verdict.Undecided ? Outcome.Skipped : Outcome.Passed;
}
