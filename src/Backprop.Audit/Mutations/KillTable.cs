using Backprop.Torch;

namespace Backprop.Audit.Mutations;

/// <summary>Shows that the audit's checks fail where they should: each known defect against the check that is to see it.</summary>
public static class KillTable
{
    /// <summary>Puts defects into the engine, one at a time.</summary>
    /// <param name="mutants">The defects; null for all.</param>
    /// <param name="withTorch">Whether libtorch is asked; where it cannot be loaded, it is not.</param>
    /// <returns>For each, the check that failed by it: one that the sound engine passes.</returns>
    public static IReadOnlyList<Kill> Run(IReadOnlyList<Mutant>? mutants = null, bool withTorch = true)
    {
        var missing = withTorch ? WhyMissing() : "libtorch was not asked.";
        return [.. (mutants ?? Mutant.All).Select(mutant => mutant.NeedsTorch && missing is not null
            ? new Kill(mutant.Name, mutant.Area, null, $"Not tried: '{mutant.Check}' compares with libtorch. {missing}") { IsTried = false }
            : Try(mutant, missing is null))];
    }

    private static string? WhyMissing()
    {
        try
        {
            TorchLibrary.EnsureLoaded();
            return null;
        }
        catch (DllNotFoundException error)
        {
            return error.Message;
        }
    }

    private static Kill Try(Mutant mutant, bool withTorch)
    {
        var trial = mutant.Trial;
        if (trial.Sound(withTorch) is { Passes: false } sound)
        {
            return new(mutant.Name, mutant.Area, null, $"The check '{trial.Check}' fails without the defect too: {sound.Where}");
        }

        var broken = trial.Broken(withTorch);
        return new(mutant.Name, mutant.Area, broken.Passes ? null : trial.Check, broken.Where);
    }
}
