using System.Numerics;

namespace Backprop.Models;

/// <summary>A network's first weights, layer by layer and tensor by tensor on one stream: PyTorch's, bit for bit from the same seed.</summary>
public static class Initializers
{
    /// <summary>The weights <c>torch.manual_seed(seed)</c> would give the same network.</summary>
    public static Weights<T> Default<T>(Model model, long seed) where T : unmanaged, IFloatingPointIeee754<T>
        => Default<T>(model, new TorchRandom(seed));

    /// <summary>The weights PyTorch would give the same network from where its stream is; later draws, such as dropout's, follow on it.</summary>
    public static Weights<T> Default<T>(Model model, TorchRandom random) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var weights = new Weights<T>(model);
        foreach (var (tensor, layer) in weights.Tensors.Zip(model.LayerTensors))
        {
            layer.Initial.Fill(weights[tensor], layer.FanIn, layer.FanOut, random);
        }

        return weights;
    }
}
