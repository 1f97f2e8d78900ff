using System.Numerics;
using Backprop.Kernels;
using Backprop.Models.Layers;
using Backprop.Planning;

namespace Backprop.Models;

/// <summary>Copies between <see cref="Weights{T}"/>, in PyTorch's layout [out][in], and panels, which hold [in][out].</summary>
internal static class TensorCopies
{
    /// <summary>Writes weights into a store.</summary>
    public static void Load<T>(this ParameterStore<T> store, ModelGraph graph, Weights<T> weights) where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (var (node, tensor) in graph.Tensors.Zip(weights.Tensors))
        {
            Write(weights, tensor, store.Values(node));
            store.Refresh(node);
        }
    }

    /// <summary>Writes what an optimizer remembers: the first number beside each weight, the second, and so on; 0 where there is none.</summary>
    public static void LoadMemory<T>(this ParameterStore<T> store, ModelGraph graph, IReadOnlyList<Weights<T>> memory)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (var (node, tensor) in graph.Tensors.Zip(memory[0].Tensors))
        {
            foreach (var (i, panels) in store.Memory(node).Index())
            {
                Write(i < memory.Count ? memory[i] : new(memory[0].Model), tensor, panels);
            }
        }
    }

    /// <summary>Reads tensors, or gradients, out of panels; a tensor without panels becomes 0.</summary>
    /// <param name="weights">Filled.</param>
    /// <param name="places">The panels of each tensor in order, or null.</param>
    public static void Fill<T>(this Weights<T> weights, IEnumerable<Panels<T>?> places) where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (var (panels, tensor) in places.Zip(weights.Tensors))
        {
            if (panels is null)
            {
                weights[tensor].Clear();
                continue;
            }

            for (var row = 0; row < panels.Rows; row++)
            {
                for (var column = 0; column < panels.Columns; column++)
                {
                    weights.Values[Index(tensor, row, column)] = panels[row, column];
                }
            }
        }
    }

    /// <summary>Whether every number of a matrix is finite.</summary>
    public static bool IsFinite<T>(Panels<T> panels) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var row = 0; row < panels.Rows; row++)
        {
            for (var column = 0; column < panels.Columns; column++)
            {
                if (!T.IsFinite(panels[row, column]))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Refuses weights of another network.</summary>
    public static void RequireFit<T>(this Weights<T> weights, Model model, string what) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (weights.Model != model && !weights.Tensors.SequenceEqual(new Weights<T>(model).Tensors))
        {
            throw new ArgumentException($"The {what} are of a network {weights.Model}, not {model}. Make them for that one.");
        }
    }

    private static void Write<T>(Weights<T> weights, WeightTensor tensor, Panels<T> panels) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var row = 0; row < panels.Rows; row++)
        {
            for (var column = 0; column < panels.Columns; column++)
            {
                panels[row, column] = weights.Values[Index(tensor, row, column)];
            }
        }
    }

    private static int Index(WeightTensor tensor, int row, int column)
        => tensor.Offset + (tensor.Layout == TensorLayout.Transposed ? column * tensor.Columns + row : row * tensor.Columns + column);
}
