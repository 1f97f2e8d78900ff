namespace Backprop.Cli.Auditing;

/// <summary>What is to be audited, in pieces; the same words on the command line make the same pieces in every process.</summary>
/// <param name="Subject">What that is, for a title.</param>
/// <param name="Seed">Decides all that is random.</param>
/// <param name="Pieces">The pieces, the long ones first, so that no process is left with a long one at the end.</param>
/// <param name="About">What a reader wants to know of it: names and values.</param>
internal sealed record AuditPlan(string Subject, long Seed, IReadOnlyList<AuditPiece> Pieces, IReadOnlyList<(string Name, string Value)> About);
