using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Interop.Tests.Audit;

/// <summary>What cannot be audited is refused in a sentence, before anything runs.</summary>
public sealed class PreconditionsTests
{
    private static readonly Model Network = Model.Of(Signal.Features(4).Linear(3).Apply(new Relu()).Linear(2), Head.Multiclass);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void AWeightThatIsNotFiniteIsNamed(float number)
    {
        var weights = Initializers.Default<float>(Network, 1);
        weights["2.weight"][4] = number;
        var error = Assert.Throws<ArgumentException>(() => GradientAudit.Run(weights, RandomBatch.Of(Network, 5, 1), withTorch: false));
        Assert.Contains("2.weight [1, 1]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFeatureThatIsNotFiniteIsNamed()
    {
        var batch = RandomBatch.Of(Network, 5, 1);
        batch.Features[9] = float.NaN;
        var error = Assert.Throws<ArgumentException>(() => GradientAudit.Run(Initializers.Default<float>(Network, 1), batch, withTorch: false));
        Assert.Contains("Feature 1 of audited row 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ABatchTooLargeForMemoryIsRefusedWithBothSizes()
    {
        var large = Model.Of(Signal.Features(1000).Linear(10_000).Linear(2), Head.Multiclass);
        Preconditions.Memory(Network, 100, 1 << 30);
        var error = Assert.Throws<ArgumentException>(() => Preconditions.Memory(large, 1_000_000, 8_000_000_000));
        Assert.Matches(@"network .* on 1000000 rows takes about \d+\.\d GB, and there are 8\.0\. Give fewer rows", error.Message);
    }

    [Fact]
    public void TheEstimateCountsWeightsAsWellAsRows()
    {
        var wide = Model.Of(Signal.Features(1000).Linear(1000), Head.Multiclass);
        var weights = Preconditions.BytesOf(wide, 1);
        // Of 1,001,000 weights the bounds alone have value, error and variance of weight and gradient; libtorch and the engine have them too.
        Assert.InRange(weights, 1_001_000 * (2.0 * 3 * sizeof(double) + 4 * sizeof(double)), 1_001_000 * 1000.0);
        Assert.InRange(Preconditions.BytesOf(wide, 1001) - weights, 1000 * 2000 * 3.0 * sizeof(double), 1000 * 40_000 * 3.0 * sizeof(double));
    }
}
