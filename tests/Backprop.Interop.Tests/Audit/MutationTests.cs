using Backprop.Audit.Mutations;
using Backprop.Interop.Tests.Torch;

namespace Backprop.Interop.Tests.Audit;

/// <summary>The audit finds every defect it is known to look for, and none in the sound engine.</summary>
[Collection(TorchCollection.Name)]
public sealed class MutationTests
{
    private static readonly Specimen Usual = Specimen.Of("4-5-3", "tanh", "multiclass");

    public static TheoryData<string> Mutants => [.. Mutant.All.Select(mutant => mutant.ToString())];

    [Theory, MemberData(nameof(Mutants))]
    public void EveryMutantIsKilled(string name)
    {
        var mutant = Assert.Single(Mutant.All, of => of.ToString() == name);
        var kill = Assert.Single(KillTable.Run([mutant]));
        Assert.True(kill.IsKilled, $"{mutant} ({mutant.Breaks}) goes unseen by '{mutant.Check}': {kill.Where}");
    }

    [Fact]
    public void WithoutLibtorchTheOthersAreKilled()
    {
        var kills = KillTable.Run(withTorch: false);
        Assert.Equal(Mutant.All.Select(mutant => !mutant.NeedsTorch), kills.Select(kill => kill.IsTried));
        Assert.All(kills.Where(kill => kill.IsTried), kill => Assert.True(kill.IsKilled, kill.ToString()));
        Assert.All(kills.Where(kill => !kill.IsTried), kill => Assert.Contains("libtorch was not asked", kill.Where, StringComparison.Ordinal));
    }

    /// <summary>A defect that changes nothing is not killed: the table tells what it saw.</summary>
    [Fact]
    public void WhatChangesNothingSurvives()
    {
        var kill = Assert.Single(KillTable.Run([new("nothing", "operation", "nothing", GradientTrial.Backward(Usual, node => node))]));
        Assert.True(kill is { IsTried: true, IsKilled: false, Survives: true }, kill.ToString());
    }

    /// <summary>A check that the sound engine fails kills nothing.</summary>
    [Fact]
    public void ACheckThatAlwaysFailsKillsNothing()
    {
        var kill = Assert.Single(KillTable.Run(
            [new("anything", "operation", "anything", new("never content", "nothing", false, _ => new(false, "here"), _ => new(false, "here")))]));
        Assert.False(kill.IsKilled);
        Assert.Equal("The check 'never content' fails without the defect too: here", kill.Where);
    }

    [Fact]
    public void NamesAreTheirOwn() => Assert.Equal(Mutant.All.Count, Mutant.All.DistinctBy(mutant => mutant.ToString()).Count());
}
