using System.Numerics;
using System.Runtime.InteropServices;

namespace Backprop.Tests;

/// <summary>Compares numbers by their bits: −0 is not +0. One NaN is as good as another.</summary>
internal static class SameBits
{
    public static void Assert<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> actual, string where) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Xunit.Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var same = MemoryMarshal.AsBytes(expected.Slice(i, 1)).SequenceEqual(MemoryMarshal.AsBytes(actual.Slice(i, 1)));
            if (!same && !(T.IsNaN(expected[i]) && T.IsNaN(actual[i])))
            {
                Xunit.Assert.Fail($"{where}, number {i}: {actual[i]:R} instead of {expected[i]:R}");
            }
        }
    }
}
