using System.Diagnostics;
using System.Numerics;

namespace Backprop.Kernels;

/// <summary>Updates blocks of one parameter and refreshes the transposed copy that the input gradient reads.</summary>
/// <param name="kernel">The optimizer's update.</param>
/// <param name="weight">The parameter.</param>
/// <param name="transposed">Its transposed copy, or null when nothing reads one.</param>
/// <param name="state">Where it and the optimizer's states begin.</param>
internal sealed class ParameterUpdate<T>(UpdateKernel<T> kernel, Panels<T> weight, Panels<T>? transposed, WeightState<T> state)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Updates rows of a panel, whose gradients begin at <paramref name="gradient"/>.</summary>
    public void Run(int panel, int row, int rows, ref T gradient)
    {
        Debug.Assert(transposed is null || row % Panels<T>.Width == 0, "A transposed copy is refreshed by whole squares.");
        kernel.Run(state, weight.PanelOffset(panel) + row * Panels<T>.Width, rows * Panels<T>.Width, ref gradient);
        if (transposed is not null)
        {
            TransposeRows(weight, transposed, panel, row, rows);
        }
    }

    /// <summary>Has the processor fetch a row of a panel that is updated soon.</summary>
    public void PrefetchRow(int panel, int row)
    {
        var at = weight.PanelOffset(panel) + row * Panels<T>.Width;
        Prefetch.Rows(ref state.Weight.At(at), 1);
        if (kernel.States > 0)
        {
            Prefetch.Rows(ref state.First.At(at), 1);
        }

        if (kernel.States > 1)
        {
            Prefetch.Rows(ref state.Second.At(at), 1);
        }

        if (kernel.States > 2)
        {
            Prefetch.Rows(ref state.Third.At(at), 1);
        }
    }

    /// <summary>Copies rows of a panel of the weights, a whole number of square blocks or the last rows, to the transposed copy.</summary>
    public static void TransposeRows(Panels<T> weight, Panels<T> transposed, int panel, int row, int rows)
    {
        var width = Panels<T>.Width;
        var columns = Math.Min(width, weight.Columns - panel * width);
        for (var from = row; from < row + rows; from += width)
        {
            ref var source = ref weight.Start.At(weight.PanelOffset(panel) + from * width);
            ref var target = ref transposed.Start.At(transposed.PanelOffset(from / width) + panel * width * width);
            Transpose.Square(ref source, ref target, Math.Min(width, row + rows - from), columns);
        }
    }
}
