using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Backprop.Models.Layers;

namespace Backprop.Models;

/// <summary>One tensor of a network: where it lies in the buffer of <see cref="Weights{T}"/>.</summary>
/// <param name="Name">As in a PyTorch state dict: <c>0.weight</c>, <c>0.bias</c>, <c>2.weight</c> …</param>
/// <param name="Rows">Units of the layer; 1 for a vector.</param>
/// <param name="Columns">Inputs of the layer; the length of a vector.</param>
/// <param name="Offset">Index of its first number.</param>
/// <param name="Layout">How it lies, compared with the graph's matrix.</param>
/// <param name="Learned">Whether training learns it; false for statistics it gathers.</param>
public sealed record WeightTensor(string Name, int Rows, int Columns, int Offset, TensorLayout Layout, bool Learned)
{
    /// <summary>How many numbers it has.</summary>
    public int Length => Rows * Columns;

    /// <summary>Its sizes in PyTorch: [n] for a vector, [rows, columns] for a matrix, none for a count.</summary>
    public IReadOnlyList<int> Shape => IsCount ? [] : IsVector ? [Columns] : [Rows, Columns];

    /// <summary>Whether it is batch normalisation's count of batches, in PyTorch a single whole number.</summary>
    public bool IsCount => Name.EndsWith("num_batches_tracked", StringComparison.Ordinal);

    /// <summary>Whether it is a vector of biases, gains or the like, which regularisation usually spares.</summary>
    public bool IsVector => Layout == TensorLayout.Vector;
}

/// <summary>All tensors of a network in one buffer, with named views; also holds gradients, which have the same shapes.</summary>
/// <remarks>Logical order: layer by layer, weight then bias, row-major [out][in], PyTorch's layout, independent of how kernels store them.</remarks>
/// <typeparam name="T">float or double.</typeparam>
public sealed partial class Weights<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly T[] values;

    /// <summary>Makes weights of zeros for a network.</summary>
    public Weights(Model model)
    {
        var tensors = new List<WeightTensor>();
        var offset = 0;
        foreach (var tensor in model.LayerTensors)
        {
            tensors.Add(new(tensor.Name, tensor.Rows, tensor.Columns, offset, tensor.Layout, tensor.Learned));
            offset += tensor.Rows * tensor.Columns;
        }

        (Model, Tensors, values) = (model, tensors, new T[offset]);
    }

    /// <summary>The network these weights are for.</summary>
    public Model Model { get; }

    /// <summary>The tensors in logical order.</summary>
    public IReadOnlyList<WeightTensor> Tensors { get; }

    /// <summary>All numbers in logical order.</summary>
    public Span<T> Values => values;

    /// <summary>The numbers of one tensor, row-major.</summary>
    /// <exception cref="ArgumentException">The network has no tensor of that name.</exception>
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

    /// <summary>The numbers of one tensor, row-major.</summary>
    public Span<T> this[WeightTensor tensor] => values.AsSpan(tensor.Offset, tensor.Length);

    /// <summary>A copy that shares nothing.</summary>
    public Weights<T> Clone() => To<T>();

    /// <summary>The same numbers in another precision, rounded to nearest.</summary>
    public Weights<TTo> To<TTo>() where TTo : unmanaged, IFloatingPointIeee754<TTo>
    {
        var copy = new Weights<TTo>(Model);
        for (var i = 0; i < values.Length; i++)
        {
            copy.Values[i] = TTo.CreateTruncating(values[i]);
        }

        return copy;
    }

    /// <summary>SHA-256 over the numbers in logical order, little-endian, as lower-case hex: equal hashes, equal bits.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(Values)));
}
