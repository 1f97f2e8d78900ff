using System.Numerics;
using Backprop.Kernels;
using Backprop.Planning;

namespace Backprop.Models;

/// <summary>Copies between <see cref="Weights{T}"/>, in PyTorch's layout [out][in], and panels, which hold [in][out].</summary>
internal static class MlpParameters
{
    /// <summary>Writes weights into a store.</summary>
    public static void Load<T>(this ParameterStore<T> store, MlpGraph graph, Weights<T> weights) where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (var (node, tensor) in graph.Parameters.Zip(weights.Tensors))
        {
            var panels = store.Values(node);
            for (var row = 0; row < panels.Rows; row++)
            {
                for (var column = 0; column < panels.Columns; column++)
                {
                    panels[row, column] = weights.Values[Index(tensor, row, column)];
                }
            }

            store.Refresh(node);
        }
    }

    /// <summary>Reads parameters, or their gradients, out of panels.</summary>
    /// <param name="weights">Filled.</param>
    /// <param name="places">The panels of each parameter in order.</param>
    public static void Fill<T>(this Weights<T> weights, IEnumerable<Panels<T>> places) where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (var (panels, tensor) in places.Zip(weights.Tensors))
        {
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
    public static void RequireFit<T>(this Weights<T> weights, Mlp mlp, string what) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!weights.Mlp.Sizes.SequenceEqual(mlp.Sizes))
        {
            throw new ArgumentException($"The {what} are of a network {weights.Mlp}, not {mlp}. Make them for that one.");
        }
    }

    // A weight lies transposed; a bias is one row in both.
    private static int Index(WeightTensor tensor, int row, int column)
        => tensor.Offset + (tensor.IsBias ? column : column * tensor.Columns + row);
}
