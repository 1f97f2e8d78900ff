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
        => Of<T>(model, random, new DefaultWeight(), new DefaultBias());

    /// <summary>The same, with others in place of PyTorch's defaults for linear layers; layers with initializers of their own keep them.</summary>
    /// <param name="model">The network.</param>
    /// <param name="random">The stream.</param>
    /// <param name="weight">For weights.</param>
    /// <param name="bias">For biases.</param>
    public static Weights<T> Of<T>(Model model, TorchRandom random, Initializer weight, Initializer bias) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var weights = new Weights<T>(model);
        foreach (var (tensor, layer) in weights.Tensors.Zip(model.LayerTensors))
        {
            var initializer = layer.Initial switch { DefaultWeight => weight, DefaultBias => bias, var own => own };
            initializer.Fill(weights[tensor], layer.FanIn, layer.FanOut, random);
        }

        return weights;
    }
}
