using Backprop.Audit;
using Backprop.Interop.Tests.Torch;

namespace Backprop.Interop.Tests.Audit;

/// <summary>What libtorch is bad at has its name.</summary>
[Collection(TorchCollection.Name)]
public sealed class ReasonsTests
{
    /// <summary>Networks of the sweep whose numbers libtorch alone gets wrong, for a reason that is rare.</summary>
    [Theory]
    [InlineData(
        "rows=1 features=1 seed=2654524399 weightscale=0.12 embedding:6 linear:1 layernorm layernorm -> binary:1",
        "normalisation of numbers that do not vary: x α − mean α leaves a rounding")]
    [InlineData(
        "rows=1 features=4 seed=2654531132 weightscale=200 prelu linear:1 scale scale linear:11 hardswish linear:1 -> gaussian:4",
        "gaussian whose variance is at its floor: the squared error over its square overflows")]
    public void ARareWeaknessIsNamed(string network, string name)
    {
        var worse = NetworkCase.Parse(network).Audit().Tensors.Where(tensor => tensor.Verdict == Verdict.TheirsWorse).ToList();
        Assert.NotEmpty(worse);
        Assert.Contains(name, worse.Select(tensor => tensor.Reason));
    }
}
