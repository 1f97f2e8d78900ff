using Backprop.Audit;
using Backprop.Interop.Tests.Torch;

namespace Backprop.Interop.Tests.Audit;

/// <summary>The engine's conventions are PyTorch's, and where they are not, that is named.</summary>
[Collection(TorchCollection.Name)]
public sealed class ConventionTests
{
    [Fact]
    public void ArePyTorchsOrNamedDeviations()
    {
        var failing = Conventions.All.Where(c => !c.Passes).ToList();
        Assert.True(failing.Count == 0, string.Join(Environment.NewLine, failing));
    }

    [Fact]
    public void EveryNamedDeviationIsOne()
        => Assert.All(Deviations.All, d => Assert.True(Conventions.All.Any(c => Deviations.Fits(d, c.Subject, c.At)), $"{d} fits no convention"));

    [Fact]
    public void EveryPointIsThereOnce()
        => Assert.Empty(Conventions.All.GroupBy(c => (c.Subject, c.At)).Where(group => group.Count() > 1).Select(group => group.Key));

    [Fact]
    public void NumbersThatDifferByMoreThanRoundingAreNotTheSame()
    {
        Assert.True(Shown.Of("f", "x", ["y", "slope"], [1, 0], [1 + 2e-15, -0.0]).IsTorchs);
        Assert.False(Shown.Of("f", "x", ["y"], [1], [1 + 1e-14]).Ours == "1");
        Assert.False(Shown.Of("f", "x", ["y"], [-0.0], [0]).IsTorchs);
        Assert.False(Shown.Of("f", "x", ["y"], [double.PositiveInfinity], [1e300]).IsTorchs);
        Assert.False(Shown.Of("f", "x", ["y"], [double.NaN], [0]).IsTorchs);
        Assert.True(Shown.Of("f", "x", ["y"], [double.NaN], [double.NaN]).IsTorchs);
    }
}
