using System.Text.RegularExpressions;
using Backprop.Audit;

namespace Backprop.Interop.Tests.Audit;

/// <summary>What tests expect of checks that throw.</summary>
internal static partial class Faults
{
    /// <summary>Asserts that a check blames TorchSharp's code, there, and that nothing else is wrong.</summary>
    /// <param name="check">The check.</param>
    /// <param name="place">Tensor and element, as <c>dz [0, 1]</c>.</param>
    /// <param name="why">What else the message holds.</param>
    public static void AreTheirs(Func<IReadOnlyList<Finding>> check, string place, string why) => Throws(check, Verdict.TheirsWorse, place, why);

    /// <summary>Asserts that a check blames the code that is checked, there, and nobody else.</summary>
    /// <param name="check">The check.</param>
    /// <param name="place">Tensor and element, as <c>dx [0, 3]</c>.</param>
    public static void AreOurs(Func<IReadOnlyList<Finding>> check, string place) => Throws(check, Verdict.OursWorse, place, "");

    /// <summary>Asserts that a check finds nothing, and decides everything.</summary>
    public static void AreNone(IReadOnlyList<Finding> findings)
    {
        Assert.NotEmpty(findings);
        Assert.All(findings, finding => Assert.True(finding is { Verdict: Verdict.Agrees, Share: <= 1 }, finding.ToString()));
    }

    private static void Throws(Func<IReadOnlyList<Finding>> check, Verdict verdict, string place, string why)
    {
        var error = Assert.Throws<GradientAuditException>(() => check());
        var faults = error.Findings.Where(finding => finding.Verdict is not (Verdict.Agrees or Verdict.Undecided)).ToList();
        Assert.All(faults, finding => Assert.True(finding.Verdict == verdict && finding.Share > 1, finding.ToString()));
        Assert.All(faults, finding => Assert.Contains($": {verdict.Words}. {finding.Where}", error.Message, StringComparison.Ordinal));
        // Tensor, element, both numbers and the bound.
        Assert.All(faults, finding => Assert.Matches(Numbers(), finding.Where));
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^.+ \[\d+, \d+\].*: ours \S+, theirs .+, bound \S+")]
    private static partial Regex Numbers();
}
