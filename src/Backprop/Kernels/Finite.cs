using System.Numerics;
using System.Runtime.InteropServices;

namespace Backprop.Kernels;

/// <summary>Looks for numbers that are NaN or infinite.</summary>
internal static class Finite
{
    /// <summary>Where the first such number is; below 0 if there is none.</summary>
    public static int IndexOfOther<T>(ReadOnlySpan<T> values) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var wide = MemoryMarshal.Cast<T, Vector<T>>(values);
        var finite = Vector<ulong>.AllBitsSet;
        foreach (var lanes in wide)
        {
            // x − x is 0, but NaN where x is NaN or infinite.
            finite &= Vector.AsVectorUInt64(Vector.Equals(lanes - lanes, Vector<T>.Zero));
        }

        for (var i = finite == Vector<ulong>.AllBitsSet ? wide.Length * Vector<T>.Count : 0; i < values.Length; i++)
        {
            if (!T.IsFinite(values[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
