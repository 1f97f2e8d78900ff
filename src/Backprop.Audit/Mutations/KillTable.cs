namespace Backprop.Audit.Mutations;

/// <summary>Shows that the audit's checks fail where they should: each known defect against the check that is to see it.</summary>
public static class KillTable
{
    /// <summary>Puts defects into the engine, one at a time.</summary>
    /// <param name="mutants">The defects; null for all.</param>
    /// <returns>For each, the check that failed by it: one that the sound engine passes.</returns>
    public static IReadOnlyList<Kill> Run(IReadOnlyList<Mutant>? mutants = null) => [.. (mutants ?? Mutant.All).Select(Try)];

    private static Kill Try(Mutant mutant)
    {
        var trial = mutant.Trial;
        if (trial.Sound() is { Passes: false } sound)
        {
            return new(mutant.Name, mutant.Area, null, $"The check '{trial.Check}' fails without the defect too: {sound.Where}");
        }

        var broken = trial.Broken();
        return new(mutant.Name, mutant.Area, broken.Passes ? null : trial.Check, broken.Where);
    }
}
