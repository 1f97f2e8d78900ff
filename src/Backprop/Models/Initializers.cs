using System.Numerics;

namespace Backprop.Models;

/// <summary>Initial weights: PyTorch's default for linear layers, bit for bit from the same seed.</summary>
/// <remarks>
/// Weights, then biases, layer by layer, from U(−1/√inputs, 1/√inputs) on one Mersenne Twister stream. PyTorch forms the weights'
/// bound in more roundings, by kaiming_uniform_(a = √5), which shows in the last bit of a double: so it is formed here.
/// </remarks>
public static class Initializers
{
    /// <summary>The weights <c>torch.manual_seed(seed)</c> would give the same network.</summary>
    public static Weights<T> Default<T>(Mlp mlp, long seed) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new TorchRandom(seed);
        var gain = Math.Sqrt(2 / (1 + Math.Sqrt(5) * Math.Sqrt(5)));
        var weights = new Weights<T>(mlp);
        foreach (var pair in weights.Tensors.Chunk(2))
        {
            var (weight, bias) = (Math.Sqrt(3) * (gain / Math.Sqrt(pair[0].Columns)), 1 / Math.Sqrt(pair[0].Columns));
            random.FillUniform(weights[pair[0]], -weight, weight);
            random.FillUniform(weights[pair[1]], -bias, bias);
        }

        return weights;
    }
}
