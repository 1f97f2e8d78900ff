using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Backprop.Comparisons.Contenders;

/// <summary>
/// A multiclass network's step by SGD in libtorch whose first layer is an EmbeddingBag with sparse gradients: PyTorch's own way to
/// multiply few non-zeros, and to update only the weights they meet.
/// </summary>
internal sealed class TorchBagStep : StepContender
{
    private readonly Weights<float> weights;
    private readonly Tensor columns;
    private readonly Tensor starts;
    private readonly Tensor values;
    private readonly Tensor targets;
    private TorchModel<float>? network;
    private EmbeddingBag? bag;
    private optim.Optimizer? optimizer;
    private TorchThreads? set;

    public TorchBagStep(Weights<float> weights, Examples<float> examples, int threads)
    {
        TorchLibrary.EnsureLoaded();
        (this.weights, Threads) = (weights, threads);
        var features = examples.SparseFeatures!;
        columns = tensor([.. features.ColumnIndices.ToArray().Select(column => (long)column)]);
        starts = tensor([.. features.RowStarts[..^1].ToArray().Select(start => (long)start)]);
        values = tensor(features.Values.ToArray());
        targets = tensor([.. examples.Targets.Select(label => (long)label)]);
    }

    /// <inheritdoc/>
    public override int Threads { get; }

    /// <inheritdoc/>
    public override void Begin()
    {
        set = new(Threads);
        var (first, mlp) = (weights.Tensors[0], weights.Model);
        network = new(weights);
        using (no_grad())
        using (var table = tensor(Operands.Transposed(weights[first].ToArray(), first.Rows, first.Columns), [mlp.Inputs, first.Rows]))
        {
            bag = nn.EmbeddingBag(mlp.Inputs, first.Rows, mode: EmbeddingBagMode.Sum, sparse: true);
            bag.weight!.copy_(table);
        }

        var others = network.Network.named_parameters().Where(p => p.name != first.Name).Select(p => p.parameter);
        optimizer = optim.SGD([bag.weight!, .. others], new Sgd().LearningRate);
    }

    /// <inheritdoc/>
    public override void End()
    {
        optimizer!.Dispose();
        bag!.Dispose();
        network!.Dispose();
        set!.Dispose();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        columns.Dispose();
        starts.Dispose();
        values.Dispose();
        targets.Dispose();
    }

    /// <inheritdoc/>
    protected override double Step()
    {
        using var scope = NewDisposeScope();
        optimizer!.zero_grad();
        var bias = ((Linear)network!.Network.children().First()).bias!;
        var hidden = bag!.call(columns, starts, values) + bias;
        foreach (var module in network.Network.children().Skip(1).Cast<nn.Module<Tensor, Tensor>>())
        {
            hidden = module.call(hidden);
        }

        var loss = nn.functional.cross_entropy(hidden, targets);
        loss.backward();
        optimizer.step();
        return loss.item<float>();
    }
}
