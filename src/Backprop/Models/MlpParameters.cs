using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Models;

/// <summary>Copies between <see cref="Weights{T}"/>, in PyTorch's layout [out][in], and a plan's panels, which hold [in][out].</summary>
internal static class MlpParameters
{
    /// <summary>Writes one parameter's numbers into panels.</summary>
    public static void Import<T>(WeightTensor tensor, ReadOnlySpan<T> values, Panels<T> panels) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var row = 0; row < panels.Rows; row++)
        {
            for (var column = 0; column < panels.Columns; column++)
            {
                panels[row, column] = values[Index(tensor, panels, row, column)];
            }
        }
    }

    /// <summary>Reads one parameter's numbers out of panels.</summary>
    public static void Export<T>(WeightTensor tensor, Span<T> values, Panels<T> panels) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var row = 0; row < panels.Rows; row++)
        {
            for (var column = 0; column < panels.Columns; column++)
            {
                values[Index(tensor, panels, row, column)] = panels[row, column];
            }
        }
    }

    // A weight lies transposed, a bias is one row in both.
    private static int Index<T>(WeightTensor tensor, Panels<T> panels, int row, int column) where T : unmanaged, IFloatingPointIeee754<T>
        => panels.Rows == tensor.Columns ? column * tensor.Columns + row : row * tensor.Columns + column;
}
