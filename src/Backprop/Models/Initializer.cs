using System.Numerics;

namespace Backprop.Models;

/// <summary>Draws the first numbers of a tensor.</summary>
public abstract record Initializer
{
    /// <summary>Fills a tensor.</summary>
    /// <param name="values">The tensor, in PyTorch's layout.</param>
    /// <param name="fanIn">Inputs of a unit.</param>
    /// <param name="fanOut">Units an input goes to.</param>
    /// <param name="random">The stream to draw from.</param>
    public abstract void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random) where T : unmanaged, IFloatingPointIeee754<T>;
}

/// <summary>PyTorch's default for the weights of a linear layer: kaiming_uniform_(a = √5), which is U(−1/√inputs, 1/√inputs).</summary>
/// <remarks>PyTorch forms the bound in these roundings, which shows in the last bit of a double.</remarks>
public sealed record DefaultWeights : Initializer
{
    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
    {
        var bound = Math.Sqrt(3) * (Math.Sqrt(2 / (1 + Math.Sqrt(5) * Math.Sqrt(5))) / Math.Sqrt(fanIn));
        random.FillUniform(values, -bound, bound);
    }
}

/// <summary>PyTorch's default for the biases of a linear layer: U(−1/√inputs, 1/√inputs).</summary>
public sealed record DefaultBiases : Initializer
{
    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
    {
        var bound = 1 / Math.Sqrt(fanIn);
        random.FillUniform(values, -bound, bound);
    }
}

/// <summary>One number everywhere; nothing is drawn.</summary>
/// <param name="Value">The number.</param>
public sealed record Constant(double Value) : Initializer
{
    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random) => values.Fill(T.CreateTruncating(Value));
}
