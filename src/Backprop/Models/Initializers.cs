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
    /// <param name="rates">
    /// Gives the mean of each of a row's targets, above 0 where it is a rate; asked once, if <see cref="MeanRates"/> need it. Null for none: they are 0.
    /// </param>
    public static Weights<T> Of<T>(
        Model model,
        TorchRandom random,
        Initializer weights,
        Initializer biases,
        Initializer? outputWeights = null,
        Initializer? outputBiases = null,
        Func<double[]>? rates = null) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (drawn, outputs, known) = (new Weights<T>(model), OutputLayers(model), (double[]?)null);
        foreach (var (tensor, layer) in drawn.Tensors.Zip(model.LayerTensors))
        {
            var isOutput = outputs.TryGetValue(tensor.Name[..tensor.Name.LastIndexOf('.')], out var output);
            var (ofWeights, ofBiases) = isOutput ? (outputWeights ?? weights, outputBiases ?? biases) : (weights, biases);
            var initial = layer.Initial ?? (tensor.IsVector ? ofBiases : ofWeights);
            initial.Fill(drawn[tensor], layer.FanIn, layer.FanOut, random);
            if (initial is MeanRates && rates is not null && isOutput && tensor.IsVector && output.Head.Link == Link.Exp)
            {
                MeanRates.Fill(drawn[tensor], (known ??= rates())[output.FirstTarget..]);
            }
        }

        return drawn;
    }

    /// <summary>The names of linear layers that give logits, the head of each, and which of a row's targets is the head's first.</summary>
    private static Dictionary<string, (Head Head, int FirstTarget)> OutputLayers(Model model)
    {
        var names = model.NamedLayers.ToDictionary(layer => layer.First.Layer!, layer => layer.Name);
        var (layers, target) = (new Dictionary<string, (Head, int)>(), 0);
        foreach (var output in model.HeadOutputs)
        {
            foreach (var linear in output.Trained.Select(logits => logits.Layer).OfType<Linear>())
            {
                layers[names[linear]] = (output.Head, target);
            }

            target += output.Head.TargetColumns(output.Logits.Width);
        }

        return layers;
    }
}
