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
        var differences = Vector<T>.Zero;
        foreach (var lanes in wide)
        {
            // x − x is 0, but NaN where x is NaN or infinite.
            differences += lanes - lanes;
        }

        for (var i = differences == Vector<T>.Zero ? wide.Length * Vector<T>.Count : 0; i < values.Length; i++)
        {
            if (!T.IsFinite(values[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
