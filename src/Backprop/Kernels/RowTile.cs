using System.Numerics;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>The innermost kernel for a single row: 8 vectors of the result stay in registers while k runs.</summary>
/// <remarks>
/// One row by two vectors would wait for each multiply-add before the next. The chains of additions are those of <see cref="GemmTile{T, TV, TS}"/>.
/// </remarks>
internal static class RowTile<T, TV, TS>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    /// <summary>Columns of a tile.</summary>
    public static int Columns => 8 * TS.Count;

    /// <summary>c ← Σₖ aₖ bₖ for <see cref="Columns"/> columns; then + c if <paramref name="add"/>.</summary>
    /// <param name="a">The row's first element.</param>
    /// <param name="aStride">From a panel of the row to the next.</param>
    /// <param name="b">The right operand's row k = 0 at the tile's first column.</param>
    /// <param name="bStride">From a panel of it to the next.</param>
    /// <param name="c">The result at the tile's first column.</param>
    /// <param name="cStride">From a panel of it to the next.</param>
    /// <param name="k">Terms of the sum.</param>
    /// <param name="add">Whether this is a later chunk of k.</param>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static void Run(ref T a, int aStride, ref T b, int bStride, ref T c, int cStride, int k, bool add)
    {
        var zero = TS.Broadcast(T.Zero);
        TV c0 = zero, c1 = zero, c2 = zero, c3 = zero, c4 = zero, c5 = zero, c6 = zero, c7 = zero;
        ref var panel = ref a;
        ref var row = ref b;
        for (; k > 0; k -= Panels<T>.Width)
        {
            var steps = Math.Min(k, Panels<T>.Width);
            for (var i = 0; i < steps; i++)
            {
                var x = TS.Broadcast(Unsafe.Add(ref panel, i));
                c0 = TS.MultiplyAdd(x, TS.Load(ref At(ref row, 0, bStride)), c0);
                c1 = TS.MultiplyAdd(x, TS.Load(ref At(ref row, 1, bStride)), c1);
                c2 = TS.MultiplyAdd(x, TS.Load(ref At(ref row, 2, bStride)), c2);
                c3 = TS.MultiplyAdd(x, TS.Load(ref At(ref row, 3, bStride)), c3);
                c4 = TS.MultiplyAdd(x, TS.Load(ref At(ref row, 4, bStride)), c4);
                c5 = TS.MultiplyAdd(x, TS.Load(ref At(ref row, 5, bStride)), c5);
                c6 = TS.MultiplyAdd(x, TS.Load(ref At(ref row, 6, bStride)), c6);
                c7 = TS.MultiplyAdd(x, TS.Load(ref At(ref row, 7, bStride)), c7);
                row = ref Unsafe.Add(ref row, Panels<T>.Width);
            }

            panel = ref Unsafe.Add(ref panel, aStride);
        }

        Store(c0, ref At(ref c, 0, cStride), add);
        Store(c1, ref At(ref c, 1, cStride), add);
        Store(c2, ref At(ref c, 2, cStride), add);
        Store(c3, ref At(ref c, 3, cStride), add);
        Store(c4, ref At(ref c, 4, cStride), add);
        Store(c5, ref At(ref c, 5, cStride), add);
        Store(c6, ref At(ref c, 6, cStride), add);
        Store(c7, ref At(ref c, 7, cStride), add);
    }

    /// <summary>Where vector <paramref name="v"/> of the tile lies.</summary>
    [MethodImpl(AggressiveInlining)]
    private static ref T At(ref T start, int v, int stride)
        => ref Unsafe.Add(ref start, v * TS.Count / Panels<T>.Width * stride + v * TS.Count % Panels<T>.Width);

    [MethodImpl(AggressiveInlining)]
    private static void Store(TV sum, ref T target, bool add) => TS.Store(add ? TS.Add(TS.Load(ref target), sum) : sum, ref target);
}
