using System.Numerics;
using System.Runtime.InteropServices;

namespace Backprop.Kernels;

/// <summary>Multiples of vectors, each number rounded after the product and after the sum: the same bits at every width.</summary>
internal static class Multiples
{
    /// <summary>y ← y + a x.</summary>
    public static void Add<T>(Span<T> y, double a, ReadOnlySpan<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var factor = T.CreateTruncating(a);
        var wide = MemoryMarshal.Cast<T, Vector<T>>(y);
        var wideX = MemoryMarshal.Cast<T, Vector<T>>(x);
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] += wideX[i] * factor;
        }

        for (var i = wide.Length * Vector<T>.Count; i < y.Length; i++)
        {
            y[i] += x[i] * factor;
        }
    }

    /// <summary>y ← a y.</summary>
    public static void Scale<T>(Span<T> y, double a) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var factor = T.CreateTruncating(a);
        foreach (ref var number in y)
        {
            number *= factor;
        }
    }
}
