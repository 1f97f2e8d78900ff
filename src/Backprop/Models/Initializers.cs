using System.Numerics;
using Backprop.Models.Layers;

namespace Backprop.Models;

/// <summary>A network's first weights, layer by layer and tensor by tensor on one stream: PyTorch's, bit for bit from the same seed.</summary>
public static class Initializers
{
    /// <summary>The weights <c>torch.manual_seed(seed)</c> would give the same network.</summary>
    public static Weights<T> Default<T>(Model model, long seed) where T : unmanaged, IFloatingPointIeee754<T>
        => Default<T>(model, new TorchRandom(seed));

    /// <summary>The weights PyTorch would give the same network from where its stream is; later draws, such as dropout's, follow on it.</summary>
    public static Weights<T> Default<T>(Model model, TorchRandom random) where T : unmanaged, IFloatingPointIeee754<T>
        => Of<T>(model, random, new DefaultWeights(), new DefaultBiases());

    /// <summary>Other weights and biases, for every layer that names none of its own.</summary>
    /// <param name="model">The network.</param>
    /// <param name="random">The stream.</param>
    /// <param name="weights">Instead of <see cref="DefaultWeights"/>.</param>
    /// <param name="biases">Instead of <see cref="DefaultBiases"/>.</param>
    /// <param name="outputWeights">For linear layers that give logits; null for as the others'.</param>
    /// <param name="outputBiases">The same for their biases.</param>
    public static Weights<T> Of<T>(
        Model model,
        TorchRandom random,
        Initializer weights,
        Initializer biases,
        Initializer? outputWeights = null,
        Initializer? outputBiases = null) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var drawn = new Weights<T>(model);
        var logits = model.HeadOutputs.SelectMany(output => output.Trained).Select(signal => signal.Layer).OfType<Linear>().ToHashSet();
        var outputs = model.NamedLayers.Where(layer => layer.First.Layer is Linear linear && logits.Contains(linear)).Select(layer => layer.Name).ToHashSet();
        foreach (var (tensor, layer) in drawn.Tensors.Zip(model.LayerTensors))
        {
            var isOutput = outputs.Contains(tensor.Name[..tensor.Name.LastIndexOf('.')]);
            var (ofWeights, ofBiases) = isOutput ? (outputWeights ?? weights, outputBiases ?? biases) : (weights, biases);
            var initial = layer.Initial ?? (tensor.IsVector ? ofBiases : ofWeights);
            initial.Fill(drawn[tensor], layer.FanIn, layer.FanOut, random);
        }

        return drawn;
    }
}
