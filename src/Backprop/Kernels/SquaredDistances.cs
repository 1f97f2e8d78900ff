using System.Numerics;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>‖xᵢ − wⱼ‖² of rows of a matrix and columns of another, from the differences themselves: nothing cancels.</summary>
/// <remarks>Each is one chain of additions over ascending k, cut into the chunks of <see cref="Gemm"/>.</remarks>
internal static class SquaredDistances<T, TV, TS>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    /// <summary>Some rows of a panel of the result.</summary>
    /// <param name="x">rows × k.</param>
    /// <param name="w">k × columns.</param>
    /// <param name="result">rows × columns.</param>
    /// <param name="panel">The panel of w and of the result.</param>
    /// <param name="from">The first row.</param>
    /// <param name="rows">Rows.</param>
    public static void Rows(Panels<T> x, Panels<T> w, Panels<T> result, int panel, int from, int rows)
    {
        var columns = Math.Min(Panels<T>.Width, result.Columns - panel * Panels<T>.Width);
        for (var row = from; row < from + rows; row++)
        {
            ref var target = ref result.Start.At(result.PanelOffset(panel) + row * Panels<T>.Width);
            for (var column = 0; column < columns; column += TS.Count)
            {
                var sum = TS.Broadcast(T.Zero);
                for (var k = 0; k < w.Rows; k += Gemm.Chunk)
                {
                    ref var right = ref w.Start.At(w.PanelOffset(panel) + k * Panels<T>.Width + column);
                    var chunk = Chunk(ref x[row, k], x.Stride, ref right, Math.Min(Gemm.Chunk, w.Rows - k));
                    sum = k == 0 ? chunk : TS.Add(sum, chunk);
                }

                TS.Store(sum, ref Unsafe.Add(ref target, column));
            }
        }
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static TV Chunk(ref T x, int stride, ref T w, int length)
    {
        var sum = TS.Broadcast(T.Zero);
        for (var k = 0; k < length; k++)
        {
            var difference = TS.Subtract(TS.Broadcast(Unsafe.Add(ref x, Panels<T>.Offset(k, stride))), TS.Load(ref Unsafe.Add(ref w, k * Panels<T>.Width)));
            sum = TS.MultiplyAdd(difference, difference, sum);
        }

        return sum;
    }
}
