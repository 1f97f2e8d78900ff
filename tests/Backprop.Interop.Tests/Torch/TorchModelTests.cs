using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Interop.Tests.Audit;
using Backprop.Models;
using Backprop.Torch;
using TorchSharp;

namespace Backprop.Interop.Tests.Torch;

/// <summary>The network in PyTorch is the same network.</summary>
[Collection(TorchCollection.Name)]
public sealed class TorchModelTests
{
    private static readonly int[] Rows = [3, 0, 5, 5, 1];

    public static IEnumerable<object[]> Networks
        => from pair in Pairs.All select new object[] { pair.Head.ToString(), pair.Activation.Name };

    [Fact]
    public void WeightsComeBackAsTheyWent()
    {
        var weights = Initializers.Default<float>(Network("multiclass", "relu"), 3);
        using var torchMlp = new TorchModel<float>(weights);
        var back = new Weights<float>(weights.Model);
        torchMlp.CopyTo(back);
        Assert.Equal(weights.Hash(), back.Hash());
        Assert.Equal(weights.Tensors.Select(t => t.Name), torchMlp.Network.state_dict().Keys);
    }

    [Fact]
    public void WhereItCannotBeMadeNothingOfItIsLeft()
    {
        var weights = Initializers.Default<float>(Network("multiclass", "relu"), 3);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var disposed = TensorsLeftBy(() => new TorchModel<float>(weights).Dispose()); // TorchSharp counts some on that it has freed
        var failed = TensorsLeftBy(() => Assert.Throws<NotSupportedException>(() => new TorchModel<float>(weights, new RAdam { LearningRate = 0.5 })));
        Assert.Equal(disposed, failed);
    }

    private static long TensorsLeftBy(Action action)
    {
        var before = torch.Tensor.TotalCount;
        action();
        return torch.Tensor.TotalCount - before;
    }

    [Fact]
    public void ItLeavesTorchsRandomStreamAlone()
    {
        torch.manual_seed(1);
        using var expected = torch.rand(1);
        torch.manual_seed(1);
        using var torchMlp = new TorchModel<float>(Initializers.Default<float>(Network("binary", "tanh"), 3));
        using var actual = torch.rand(1);
        Assert.Equal(expected.item<float>(), actual.item<float>());
    }

    [Fact]
    public void ItOutlivesTheScopeItWasMadeIn()
    {
        var (weights, examples) = Task("regression", "silu");
        TorchModel<double> torchMlp;
        TorchBatch<double> batch;
        using (torch.NewDisposeScope())
        {
            torchMlp = new(weights, new Adam());
            batch = new(weights.Model.Head, examples, Rows);
        }

        using (torchMlp)
        using (batch)
        {
            Assert.True(torchMlp.Step(batch) > torchMlp.Step(batch));
        }
    }

    [Fact]
    public void StepsLeaveNoTensorBehind()
    {
        var (weights, examples) = Task("multiclass", "silu");
        using var torchMlp = new TorchModel<double>(weights, new Adam());
        torchMlp.Step(examples, Rows); // makes gradients and the optimizer's state
        var before = torch.Tensor.TotalCount;
        torchMlp.Step(examples, Rows);
        torchMlp.Gradients(examples, Rows, new(weights.Model), new double[Rows.Length * weights.Model.Outputs]);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void GradientsAreTheTextbooks(string head, string activation)
    {
        var (weights, examples) = Task(head, activation);
        using var torchMlp = new TorchModel<double>(weights);
        var (theirs, ours) = (new Weights<double>(weights.Model), new Weights<double>(weights.Model));
        var logits = new double[2][];
        logits[0] = new double[Rows.Length * weights.Model.Outputs];
        logits[1] = new double[logits[0].Length];

        var theirLoss = torchMlp.Gradients(examples, Rows, theirs, logits[0]);
        var ourLoss = Textbook<double>.Run(weights, examples, Rows, ours, logits[1]);

        // Some hundred operations on numbers of size 1, each exact to 1.1e-16.
        Assert.Equal(ourLoss, theirLoss, 1e-13);
        Assert.All(logits[0].Zip(logits[1]), z => Assert.Equal(z.First, z.Second, 1e-13));
        Assert.All(theirs.Values.ToArray().Zip(ours.Values.ToArray()), g => Assert.Equal(g.First, g.Second, 1e-13));
    }

    private static Mlp Network(string head, string activation)
        => new([5, 7, 6, Outputs.Of(Head.Parse(head), 3)], Activation.Parse(activation), Head.Parse(head));

    private static (Weights<double> Weights, Examples<double> Examples) Task(string head, string activation)
    {
        var mlp = Network(head, activation);
        var batch = RandomBatch.Of(mlp, 6, 9).To<double>();
        return (Initializers.Default<double>(mlp, 8), new(6, batch.Features, batch.Targets, [1, 2, 0.5, 1.25, 3, 1]));
    }
}
