using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Backprop.Models;

/// <summary>One parameter of a network: where it lies in the buffer of <see cref="Weights{T}"/>.</summary>
/// <param name="Name">As in a PyTorch state dict: <c>0.weight</c>, <c>0.bias</c>, <c>2.weight</c> …</param>
/// <param name="Rows">Units of the layer; 1 for a bias.</param>
/// <param name="Columns">Inputs of the layer; its units for a bias.</param>
/// <param name="Offset">Index of its first number.</param>
public readonly record struct WeightTensor(string Name, int Rows, int Columns, int Offset)
{
    /// <summary>How many numbers it has.</summary>
    public int Length => Rows * Columns;

    /// <summary>Whether it is a layer's biases.</summary>
    public bool IsBias => Name.EndsWith(".bias", StringComparison.Ordinal);
}

/// <summary>All weights and biases of a network in one buffer, with named views; also holds gradients, which have the same shapes.</summary>
/// <remarks>Logical order: layer by layer, weight then bias, row-major [out][in], PyTorch's layout, independent of how kernels store them.</remarks>
/// <typeparam name="T">float or double.</typeparam>
public sealed class Weights<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly T[] values;

    /// <summary>Makes weights of zeros for a network.</summary>
    public Weights(Mlp mlp)
    {
        var tensors = new List<WeightTensor>();
        var offset = 0;
        for (var layer = 0; layer < mlp.Layers; layer++)
        {
            var (inputs, units) = (mlp.Sizes[layer], mlp.Sizes[layer + 1]);
            tensors.Add(new(Mlp.WeightName(layer), units, inputs, offset));
            offset += units * inputs;
            tensors.Add(new(Mlp.BiasName(layer), 1, units, offset));
            offset += units;
        }

        (Mlp, Tensors, values) = (mlp, tensors, new T[offset]);
    }

    /// <summary>The network these weights are for.</summary>
    public Mlp Mlp { get; }

    /// <summary>The parameters in logical order.</summary>
    public IReadOnlyList<WeightTensor> Tensors { get; }

    /// <summary>All numbers in logical order.</summary>
    public Span<T> Values => values;

    /// <summary>The numbers of one parameter, row-major.</summary>
    /// <exception cref="ArgumentException">The network has no parameter of that name.</exception>
    public Span<T> this[string name]
    {
        get
        {
            foreach (var tensor in Tensors)
            {
                if (tensor.Name == name)
                {
                    return this[tensor];
                }
            }

            throw new ArgumentException($"There is no parameter '{name}'. Choose one of: {string.Join(", ", Tensors.Select(t => t.Name))}.");
        }
    }

    /// <summary>The numbers of one parameter, row-major.</summary>
    public Span<T> this[WeightTensor tensor] => values.AsSpan(tensor.Offset, tensor.Length);

    /// <summary>A copy that shares nothing.</summary>
    public Weights<T> Clone() => To<T>();

    /// <summary>The same numbers in another precision, rounded to nearest.</summary>
    public Weights<TTo> To<TTo>() where TTo : unmanaged, IFloatingPointIeee754<TTo>
    {
        var copy = new Weights<TTo>(Mlp);
        for (var i = 0; i < values.Length; i++)
        {
            copy.Values[i] = TTo.CreateTruncating(values[i]);
        }

        return copy;
    }

    /// <summary>SHA-256 over the numbers in logical order, little-endian, as lower-case hex: equal hashes, equal bits.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(Values)));
}
