using Backprop.Audit.Mutations;
using Backprop.Interop.Tests.Torch;

namespace Backprop.Interop.Tests.Audit;

/// <summary>The audit finds every defect it is known to look for, and none in the sound engine.</summary>
[Collection(TorchCollection.Name)]
public sealed class MutationTests
{
    public static TheoryData<string> Mutants => [.. Mutant.All.Select(mutant => mutant.ToString())];

    [Theory, MemberData(nameof(Mutants))]
    public void EveryMutantIsKilled(string name)
    {
        var mutant = Assert.Single(Mutant.All, of => of.ToString() == name);
        var kill = Assert.Single(KillTable.Run([mutant]));
        Assert.True(kill.IsKilled, $"{mutant} ({mutant.Breaks}) goes unseen by '{mutant.Check}': {kill.Where}");
    }
}
