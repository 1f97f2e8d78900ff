using System.Numerics;

namespace Backprop.Models;

/// <summary>Initial weights of a network, drawn on one Mersenne Twister stream: weight, then bias, layer after layer, as PyTorch draws.</summary>
public static class Initializers
{
    /// <summary>The weights <c>torch.manual_seed(seed)</c> would give the same network of linear layers, bit for bit.</summary>
    public static Weights<T> Default<T>(Mlp mlp, long seed) where T : unmanaged, IFloatingPointIeee754<T>
        => Of<T>(mlp, seed, new DefaultWeight(), new DefaultBias());

    /// <summary>Weights and biases as chosen for all layers.</summary>
    public static Weights<T> Of<T>(Mlp mlp, long seed, Initializer weight, Initializer bias) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (random, weights) = (new TorchRandom(seed), new Weights<T>(mlp));
        foreach (var pair in weights.Tensors.Chunk(2))
        {
            var (fanIn, fanOut) = (pair[0].Columns, pair[0].Rows);
            weight.Fill(weights[pair[0]], fanIn, fanOut, random);
            bias.Fill(weights[pair[1]], fanIn, fanOut, random);
        }

        return weights;
    }
}
