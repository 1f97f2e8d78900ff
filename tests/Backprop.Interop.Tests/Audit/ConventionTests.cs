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
        static Convention At(double torch, double ours, double bound = 0) => Convention.Of("f", "x", ["y"], [torch], [ours], [bound]);
        Assert.True(At(1, 1 + 2e-15, 3e-15).IsTorchs);
        Assert.False(At(1, 1 + 4e-15, 3e-15).IsTorchs);
        Assert.Equal(("y 1", "y 1.000000000000004"), (At(1, 1 + 4e-15, 3e-15).Torch, At(1, 1 + 4e-15, 3e-15).Ours));
        Assert.False(At(-0.0, 0).IsTorchs);
        Assert.True(Convention.Of("f", "x", ["slope"], [0], [-0.0], [0]).IsTorchs);
        Assert.False(At(double.PositiveInfinity, 1e300, double.PositiveInfinity).IsTorchs);
        Assert.False(At(double.NaN, 0, double.NaN).IsTorchs);
        Assert.True(At(double.NaN, double.NaN, double.NaN).IsTorchs);
    }
}
