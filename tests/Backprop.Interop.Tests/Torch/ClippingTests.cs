using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;
using Backprop.Training;
using TorchSharp;

namespace Backprop.Interop.Tests.Torch;

/// <summary>Gradients' bounds against PyTorch's clip_grad_norm_ and clip_grad_value_.</summary>
[Collection(TorchCollection.Name)]
public sealed class ClippingTests
{
    [Theory, InlineData(0.05, null), InlineData(1000.0, null), InlineData(null, 0.004), InlineData(0.05, 0.004)]
    public void BoundedStepsAreLibtorchs(double? norm, double? value)
    {
        var mlp = Mlp.Parse("6-20-9-3", Activation.Of(new Tanh()), Head.Multiclass);
        var (table, rows) = (RandomBatch.Of(mlp, 40, 3).To<double>(), Enumerable.Range(0, 40).ToArray());
        var (ours, theirs) = (Initializers.Default<double>(mlp, 1), Initializers.Default<double>(mlp, 1));
        using var step = new TrainingStep<double>(ours, new Sgd { LearningRate = 1 }, 40, updates: new() { ClipNorm = norm, ClipValue = value });
        using var network = new TorchModel<double>(theirs);
        for (var i = 0; i < 3; i++)
        {
            step.Run(table, rows);
            network.Gradients(table, rows, new(mlp), new double[40 * 3]);
            if (norm is { } bound)
            {
                Assert.Equal(torch.nn.utils.clip_grad_norm_(network.Network.parameters(), bound), step.GradientNorm, 1e-13);
            }

            if (value is { } most)
            {
                torch.nn.utils.clip_grad_value_(network.Network.parameters(), most);
            }

            using var scope = torch.NewDisposeScope();
            using var no = torch.no_grad();
            foreach (var parameter in network.Network.parameters())
            {
                parameter.sub_(parameter.grad!);
            }
        }

        step.CopyWeightsTo(ours);
        network.CopyTo(theirs);
        Assert.All(ours.Values.ToArray().Zip(theirs.Values.ToArray()), pair => Assert.Equal(pair.Second, pair.First, 1e-13));
    }
}
