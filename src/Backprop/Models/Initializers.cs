using System.Numerics;

namespace Backprop.Models;

/// <summary>Initial weights: PyTorch's default for linear layers, bit for bit from the same seed.</summary>
/// <remarks>
/// Weights, then biases, layer by layer, from U(−1/√inputs, 1/√inputs) on one Mersenne Twister stream. Source: PyTorch's
/// kaiming_uniform_(a = √5), whose bound rounds to the same float for every number of inputs from 1 to 100,000.
/// </remarks>
public static class Initializers
{
    /// <summary>The weights <c>torch.manual_seed(seed)</c> would give the same network.</summary>
    public static Weights<T> Default<T>(Mlp mlp, long seed) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new TorchRandom(seed);
        var weights = new Weights<T>(mlp);
        foreach (var pair in weights.Tensors.Chunk(2))
        {
            var bound = 1 / Math.Sqrt(pair[0].Columns);
            random.FillUniform(weights[pair[0]], -bound, bound);
            random.FillUniform(weights[pair[1]], -bound, bound);
        }

        return weights;
    }
}
