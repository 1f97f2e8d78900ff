using System.Text.Json.Serialization;
using Backprop.Audit;

namespace Backprop.Cli.Auditing;

/// <summary>A check that could not run, and why.</summary>
/// <param name="Check">Which.</param>
/// <param name="Reason">A sentence.</param>
internal sealed record NotRun(string Check, string Reason);

/// <summary>A check that began and did not come to its end: it says nothing of anyone's numbers.</summary>
/// <param name="Check">Which.</param>
/// <param name="How">How it ended instead: its process, or an error.</param>
internal sealed record Unfinished(string Check, string How);

/// <summary>What an audit found, or a piece of one; results of pieces add up.</summary>
internal sealed record AuditResult
{
    /// <summary>Nothing.</summary>
    public static AuditResult Nothing { get; } = new();

    /// <summary>Networks whose loss, logits and gradients were compared.</summary>
    public IReadOnlyList<GradientReport> Gradients { get; init; } = [];

    /// <summary>Trainings judged step by step.</summary>
    public IReadOnlyList<StepReport> Steps { get; init; } = [];

    /// <summary>Trainings that were followed.</summary>
    public IReadOnlyList<DriftReport> Drifts { get; init; } = [];

    /// <summary>Everything else that was checked.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>PyTorch's conventions.</summary>
    public IReadOnlyList<Convention> Conventions { get; init; } = [];

    /// <summary>Known defects put into the engine.</summary>
    public IReadOnlyList<Kill> Kills { get; init; } = [];

    /// <summary>Random networks; null where none were tried.</summary>
    public SweepReport? Sweep { get; init; }

    /// <summary>Pieces that were run again, as an error of TorchSharp's ended them at first: see <see cref="TorchFault"/>.</summary>
    public int Repeated { get; init; }

    /// <summary>What could not run.</summary>
    public IReadOnlyList<NotRun> NotRun { get; init; } = [];

    /// <summary>What did not come to its end.</summary>
    public IReadOnlyList<Unfinished> Unfinished { get; init; } = [];

    /// <summary>Everything that was looked at.</summary>
    [JsonIgnore]
    public IReadOnlyList<AuditCase> Cases =>
    [
        .. Gradients.SelectMany(AuditCase.Of),
        .. Steps.Select(AuditCase.Of),
        .. Drifts.Select(AuditCase.Of),
        .. Findings.Select(AuditCase.Of),
        .. Conventions.Select(AuditCase.Of),
        .. Kills.Select(AuditCase.Of),
        .. Sweep is null ? [] : AuditCase.Of(Sweep),
        .. NotRun.Select(AuditCase.Of),
        .. Unfinished.Select(AuditCase.Of),
    ];

    /// <summary>Why libtorch is no witness of any network or training; null where it is one of some, or nothing asked for it.</summary>
    [JsonIgnore]
    public string? TorchMissing => WhyMissing is { Count: > 0 } reasons && reasons.All(reason => reason is not null) ? reasons[0] : null;

    /// <summary>Whether libtorch is a witness of some networks and trainings, and not of others.</summary>
    [JsonIgnore]
    public bool TorchIsPartlyMissing => TorchMissing is null && WhyMissing.Any(reason => reason is not null);

    /// <summary>What the audit tells the shell.</summary>
    [JsonIgnore]
    public int ExitCode => Cases.Any(c => c.Outcome == CaseOutcome.Failed) ? BackpropTool.Disagreement
        : Unfinished.Count > 0 ? BackpropTool.Unfinished
        : BackpropTool.Ok;

    private IReadOnlyList<string?> WhyMissing =>
    [
        .. Gradients.Select(report => report.TorchMissing),
        .. Steps.Select(report => report.TorchMissing),
        .. Drifts.Select(report => report.TorchMissing),
    ];

    /// <summary>Both.</summary>
    public static AuditResult operator +(AuditResult a, AuditResult b) => new()
    {
        Gradients = [.. a.Gradients, .. b.Gradients],
        Steps = [.. a.Steps, .. b.Steps],
        Drifts = [.. a.Drifts, .. b.Drifts],
        Findings = [.. a.Findings, .. b.Findings],
        Conventions = [.. a.Conventions, .. b.Conventions],
        Kills = [.. a.Kills, .. b.Kills],
        Sweep = a.Sweep is not null && b.Sweep is not null ? a.Sweep.And(b.Sweep) : a.Sweep ?? b.Sweep,
        Repeated = a.Repeated + b.Repeated,
        NotRun = [.. a.NotRun, .. b.NotRun],
        Unfinished = [.. a.Unfinished, .. b.Unfinished],
    };
}
