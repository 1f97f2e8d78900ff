using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;

namespace Backprop.Interop.Tests.Torch;

/// <summary>The identical network in libtorch: weights go both ways, and example weights count alike.</summary>
[Collection(TorchCollection.Name)]
public class TorchMlpTests
{
    [Fact]
    public void WeightsComeBackBitForBit()
    {
        var weights = Initializers.Default<float>(Mlp.Parse("5-4-3", Activation.Of(new Silu()), Head.Multiclass), 9);
        using var torch = new TorchMlp<float>(weights);
        var back = new Weights<float>(weights.Mlp);
        torch.CopyTo(back);
        Assert.Equal(weights.Hash(), back.Hash());
        Assert.Equal(["0.weight", "0.bias", "2.weight", "2.bias"], torch.Network.named_parameters().Select(p => p.name));
    }

    [Theory, InlineData("binary", 1), InlineData("multiclass", 3), InlineData("regression", 2)]
    public void AWeightOfTwoCountsLikeTheRowTwice(string head, int outputs)
    {
        var mlp = Mlp.Parse($"4-6-{outputs}", Activation.Of(new Formulas.Tanh()), Head.Parse(head));
        var table = RandomBatch.Of(mlp, 3, 5).To<double>();
        var weighted = new Examples<double>(3, table.Features, table.Targets, [2, 1, 1]);
        var weights = Initializers.Default<double>(mlp, 1);
        using var torch = new TorchMlp<double>(weights);
        var (once, twice) = (new Weights<double>(mlp), new Weights<double>(mlp));
        torch.Gradients(weighted, [0, 1, 2], once, new double[3 * outputs]);
        torch.Gradients(table, [0, 0, 1, 2], twice, new double[4 * outputs]);
        for (var i = 0; i < once.Values.Length; i++)
        {
            // The means divide by 3 and by 4 rows.
            Assert.Equal(twice.Values[i] * 4 / 3, once.Values[i], 1e-14);
        }
    }
}
