using Backprop.Comparisons.Sweeping;
using Backprop.Interop.Tests.Torch;

namespace Backprop.Interop.Tests.Comparisons;

/// <summary>A sweep in parts takes for done what is done, and no more.</summary>
[Collection(TorchCollection.Name)]
public sealed class SweepPartsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backprop-sweep-").FullName;

    [Fact]
    public void APartIsDoneForItsSeedAndItsNetworksOnly()
    {
        var parts = new SweepParts(folder, 1, 100, 3);
        parts.Run(Assert.Single(parts.Missing));
        Assert.Empty(parts.Missing);
        Assert.Equal((3, true), (parts.Total.Cases, parts.Total.Agrees));
        foreach (var other in new[] { parts with { Seed = 2 }, parts with { Cases = 4 }, parts with { First = 101 } })
        {
            Assert.Equal([other.First], other.Missing);
            Assert.Equal(0, other.Total.Cases);
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
