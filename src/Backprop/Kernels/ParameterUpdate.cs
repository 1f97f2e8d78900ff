using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels;

/// <summary>Updates blocks of one parameter and refreshes the transposed copy that the input gradient reads.</summary>
/// <param name="kernel">The optimizer's update.</param>
/// <param name="weight">The parameter.</param>
/// <param name="transposed">Its transposed copy, or null when nothing reads one.</param>
/// <param name="first">Where the optimizer's first state begins.</param>
/// <param name="second">Where its second begins.</param>
internal sealed class ParameterUpdate<T>(UpdateKernel<T> kernel, Panels<T> weight, Panels<T>? transposed, Slice<T> first, Slice<T> second)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly WeightState<T> state = new(weight.Start, first, second);

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

    /// <summary>Has the processor fetch a row of a panel that is updated soon, where it knows how.</summary>
    public void Prefetch(int panel, int row)
    {
        if (Sse.IsSupported)
        {
            var at = weight.PanelOffset(panel) + row * Panels<T>.Width;
            Fetch(ref state.Weight.At(at));
            if (kernel.States > 0)
            {
                Fetch(ref state.First.At(at));
            }

            if (kernel.States > 1)
            {
                Fetch(ref state.Second.At(at));
            }
        }
    }

    // A panel's row is two cache lines. Buffers never move, so an address may be taken.
    private static unsafe void Fetch(ref T row)
    {
        Sse.Prefetch0(Unsafe.AsPointer(ref row));
        Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref row, Panels<T>.Width / 2)));
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
