using System.Text.Json.Serialization;
using Backprop.Audit;

namespace Backprop.Cli.Auditing;

/// <summary>A check that could not run, and why.</summary>
/// <param name="Check">Which.</param>
/// <param name="Reason">A sentence.</param>
internal sealed record NotRun(string Check, string Reason);

/// <summary>What an audit found, or a piece of one; results of pieces add up.</summary>
internal sealed record AuditResult
{
    /// <summary>Nothing.</summary>
    public static AuditResult Nothing { get; } = new();

    /// <summary>Networks whose loss, logits and gradients were compared.</summary>
    public IReadOnlyList<GradientReport> Gradients { get; init; } = [];

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

    /// <summary>What could not run.</summary>
    public IReadOnlyList<NotRun> NotRun { get; init; } = [];

    /// <summary>Everything that was looked at, as passed, failed or not run.</summary>
    [JsonIgnore]
    public IReadOnlyList<AuditCase> Cases =>
    [
        .. Gradients.SelectMany(AuditCase.Of),
        .. Drifts.Select(AuditCase.Of),
        .. Findings.Select(AuditCase.Of),
        .. Conventions.Select(AuditCase.Of),
        .. Kills.Select(AuditCase.Of),
        .. Sweep is null ? [] : AuditCase.Of(Sweep),
        .. NotRun.Select(AuditCase.Of),
    ];

    /// <summary>Whether nothing speaks against the engine, or the audit.</summary>
    public bool Passes => Cases.All(c => c.Outcome != Outcome.Failed);

    /// <summary>Both.</summary>
    public static AuditResult operator +(AuditResult a, AuditResult b) => new()
    {
        Gradients = [.. a.Gradients, .. b.Gradients],
        Drifts = [.. a.Drifts, .. b.Drifts],
        Findings = [.. a.Findings, .. b.Findings],
        Conventions = [.. a.Conventions, .. b.Conventions],
        Kills = [.. a.Kills, .. b.Kills],
        Sweep = a.Sweep is not null && b.Sweep is not null ? a.Sweep.And(b.Sweep) : a.Sweep ?? b.Sweep,
        NotRun = [.. a.NotRun, .. b.NotRun],
    };
}
