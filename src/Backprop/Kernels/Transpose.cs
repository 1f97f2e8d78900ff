using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels;

/// <summary>Transposes the square blocks panels are made of. Only moves numbers, so its bits are the same however it is done.</summary>
internal static class Transpose
{
    /// <summary>Rows and columns that may be moved at once: a block's edges are rounded up to it.</summary>
    public const int Granule = 8;

    /// <summary>target[c][r] ← source[r][c] for a block of Width × Width whose rows lie one after the other.</summary>
    /// <param name="source">The block.</param>
    /// <param name="target">Its transpose.</param>
    /// <param name="rows">Rows of the source in use.</param>
    /// <param name="columns">Columns of the source in use.</param>
    public static void Square<T>(ref T source, ref T target, int rows, int columns) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float) && Avx.IsSupported)
        {
            for (var r = 0; r < rows; r += Granule)
            {
                for (var c = 0; c < columns; c += Granule)
                {
                    Eight(ref Unsafe.As<T, float>(ref Unsafe.Add(ref source, r * 32 + c)), ref Unsafe.As<T, float>(ref Unsafe.Add(ref target, c * 32 + r)));
                }
            }

            return;
        }

        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < columns; c++)
            {
                Unsafe.Add(ref target, c * Panels<T>.Width + r) = Unsafe.Add(ref source, r * Panels<T>.Width + c);
            }
        }
    }

    /// <summary>8 × 8 floats within blocks of 32 columns: pairs, then fours, then halves change places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight(ref float source, ref float target)
    {
        Vector256<float> Row(ref float start, int row) => Vector256.LoadUnsafe(ref start, (nuint)(row * 32));
        var (r0, r1, r2, r3) = (Row(ref source, 0), Row(ref source, 1), Row(ref source, 2), Row(ref source, 3));
        var (r4, r5, r6, r7) = (Row(ref source, 4), Row(ref source, 5), Row(ref source, 6), Row(ref source, 7));
        var (p0, p1, p2, p3) = (Avx.UnpackLow(r0, r1), Avx.UnpackHigh(r0, r1), Avx.UnpackLow(r2, r3), Avx.UnpackHigh(r2, r3));
        var (p4, p5, p6, p7) = (Avx.UnpackLow(r4, r5), Avx.UnpackHigh(r4, r5), Avx.UnpackLow(r6, r7), Avx.UnpackHigh(r6, r7));
        var (q0, q1, q2, q3) = (Avx.Shuffle(p0, p2, 0x44), Avx.Shuffle(p0, p2, 0xEE), Avx.Shuffle(p1, p3, 0x44), Avx.Shuffle(p1, p3, 0xEE));
        var (q4, q5, q6, q7) = (Avx.Shuffle(p4, p6, 0x44), Avx.Shuffle(p4, p6, 0xEE), Avx.Shuffle(p5, p7, 0x44), Avx.Shuffle(p5, p7, 0xEE));
        Avx.Permute2x128(q0, q4, 0x20).StoreUnsafe(ref target, 0 * 32);
        Avx.Permute2x128(q1, q5, 0x20).StoreUnsafe(ref target, 1 * 32);
        Avx.Permute2x128(q2, q6, 0x20).StoreUnsafe(ref target, 2 * 32);
        Avx.Permute2x128(q3, q7, 0x20).StoreUnsafe(ref target, 3 * 32);
        Avx.Permute2x128(q0, q4, 0x31).StoreUnsafe(ref target, 4 * 32);
        Avx.Permute2x128(q1, q5, 0x31).StoreUnsafe(ref target, 5 * 32);
        Avx.Permute2x128(q2, q6, 0x31).StoreUnsafe(ref target, 6 * 32);
        Avx.Permute2x128(q3, q7, 0x31).StoreUnsafe(ref target, 7 * 32);
    }
}
