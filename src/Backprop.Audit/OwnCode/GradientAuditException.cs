namespace Backprop.Audit;

/// <summary>An audit found a gradient, a step or a number that rounding does not explain; the message says where, and both numbers.</summary>
/// <param name="message">What disagrees: tensor, element, ours, theirs, bound, who is worse, and what to do next.</param>
/// <param name="findings">Everything that was checked, sound or not.</param>
public sealed class GradientAuditException(string message, IReadOnlyList<Finding> findings) : Exception(message)
{
    /// <summary>Everything that was checked, sound or not.</summary>
    public IReadOnlyList<Finding> Findings { get; } = findings;

    /// <summary>Throws if a finding faults the code that is audited, or its reference is doubtful; otherwise gives all back, undecided ones too.</summary>
    /// <param name="findings">The findings.</param>
    /// <param name="audited">Whose code it is: a fault of the other's is none of the caller's.</param>
    internal static IReadOnlyList<Finding> ThrowIfFaulty(IReadOnlyList<Finding> findings, Party audited = Party.Ours)
    {
        Finding[] faulty = [.. findings.Where(finding => finding.Verdict.Faults(audited))];
        if (faulty.Length == 0)
        {
            return findings;
        }

        var lines = faulty.Select(f => $"{f.Subject}, {f.Check}: {f.Verdict.Words}. {f.Where}.");
        var counts = string.Join(", ", findings.CountBy(finding => finding.Verdict).OrderBy(pair => pair.Key).Select(pair => $"{pair.Key.Words} {pair.Value}"));
        throw new GradientAuditException(
            string.Join(Environment.NewLine, [.. lines, $"{NextStep(faulty[0].Verdict)} Of {findings.Count} checks: {counts}."]), findings);
    }

    private static string NextStep(Verdict verdict) => verdict switch
    {
        Verdict.TheirsWorse => "Mend theirs, or do not use it; ours is within its bound.",
        Verdict.ReferenceDoubtful => "Nobody can be blamed yet: the witnesses contradict each other. Look at them one by one.",
        _ => "Mend ours at that element, and check again.",
    };
}
