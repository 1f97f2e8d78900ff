using System.Numerics;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>Products whose left operand is sparse, with the bits of the dense product.</summary>
/// <remarks>
/// The dense chain (<see cref="Gemm.Chunk"/>) starts each chunk at +0. A term 0 · b is a zero, and adding a zero to a number other than
/// −0 changes nothing, so terms and whole chunks of zeros may be left out as long as the others keep their chunks. A chunk's sum is −0
/// only where products underflow; there, and only there, the dense result may be −0 and this one +0. Of a number that is not finite,
/// 0 · b is NaN in the dense product and left out here.
/// </remarks>
internal static class SparseProduct<T, TV, TS>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    /// <summary>One row of one panel of C = A · B (+ bias).</summary>
    /// <param name="a">The row of A; its indices are rows of B.</param>
    /// <param name="b">k × columns.</param>
    /// <param name="c">Where the row's panel goes; what fills up its last pair of vectors is written too.</param>
    /// <param name="panel">The panel of B.</param>
    /// <param name="bias">1 × columns, or null.</param>
    public static void Row(SparseRow<T> a, Panels<T> b, ref T c, int panel, Panels<T>? bias)
    {
        var columns = Math.Min(b.Columns - panel * Panels<T>.Width, Panels<T>.Width);
        ref var right = ref b.Start.At(b.PanelOffset(panel));
        ref var added = ref bias is null ? ref Unsafe.NullRef<T>() : ref bias.Start.At(bias.PanelOffset(panel));
        for (var column = 0; column < columns; column += 2 * TS.Count)
        {
            Sum(a, ref Unsafe.Add(ref right, column), ref Unsafe.Add(ref c, column), ref bias is null ? ref added : ref Unsafe.Add(ref added, column));
        }
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Sum(SparseRow<T> a, ref T b, ref T c, ref T bias)
    {
        TV total0 = TS.Broadcast(T.Zero), total1 = total0;
        for (var i = 0; i < a.Indices.Length;)
        {
            // The first row of B that is in a later chunk.
            var end = (a.Indices[i] / Gemm.Chunk + 1) * Gemm.Chunk;
            TV sum0 = TS.Broadcast(T.Zero), sum1 = sum0;
            do
            {
                var x = TS.Broadcast(a.Values[i]);
                ref var row = ref Unsafe.Add(ref b, (nint)a.Indices[i] * Panels<T>.Width);
                sum0 = TS.MultiplyAdd(x, TS.Load(ref row), sum0);
                sum1 = TS.MultiplyAdd(x, TS.Load(ref Unsafe.Add(ref row, TS.Count)), sum1);
            }
            while (++i < a.Indices.Length && a.Indices[i] < end);

            (total0, total1) = (TS.Add(total0, sum0), TS.Add(total1, sum1));
        }

        if (!Unsafe.IsNullRef(ref bias))
        {
            total0 = TS.Add(total0, TS.Load(ref bias));
            total1 = TS.Add(total1, TS.Load(ref Unsafe.Add(ref bias, TS.Count)));
        }

        TS.Store(total0, ref c);
        TS.Store(total1, ref Unsafe.Add(ref c, TS.Count));
    }
}
