namespace Backprop.Audit.Mutations;

/// <summary>Checks that give findings, as trials.</summary>
internal static class FindingTrial
{
    /// <summary>A check once of the sound thing and once of the broken one.</summary>
    /// <param name="check">The check.</param>
    /// <param name="injection">What the defect is handed in as.</param>
    /// <param name="sound">Its findings without the defect.</param>
    /// <param name="broken">Those with it.</param>
    /// <param name="needsTorch">Whether it compares with libtorch.</param>
    public static Trial Of(string check, string injection, Func<IEnumerable<Finding>> sound, Func<IEnumerable<Finding>> broken, bool needsTorch = false)
        => new(check, injection, needsTorch, _ => Read(sound()), _ => Read(broken()));

    private static TrialResult Read(IEnumerable<Finding> findings)
    {
        var all = findings.ToList();
        var worst = all.FirstOrDefault(finding => finding.Verdict.IsAgainstUs) ?? all.MaxBy(finding => finding.Share)!;
        return new(!all.Any(finding => finding.Verdict.IsAgainstUs), $"{worst.Check}: {worst.Where}");
    }
}
