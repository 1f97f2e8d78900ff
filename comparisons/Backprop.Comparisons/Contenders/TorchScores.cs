using Backprop.Models;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Comparisons.Contenders;

/// <summary>libtorch's probabilities, from the rows as a ready-made tensor, without autograd.</summary>
internal sealed class TorchScores : TorchContender
{
    private readonly TorchModel<float> network;
    private readonly Tensor rows;

    public TorchScores(Weights<float> weights, float[] features, int threads) : base(threads)
    {
        network = new(weights);
        rows = tensor(features, [features.Length / weights.Model.Inputs, weights.Model.Inputs]);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        rows.Dispose();
        network.Dispose();
    }

    /// <inheritdoc/>
    protected override Tensor Compute()
    {
        using var inference = inference_mode();
        using var logits = network.Network.call(rows);
        return logits.softmax(1);
    }
}
