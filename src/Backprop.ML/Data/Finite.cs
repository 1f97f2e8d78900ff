using System.Numerics;
using System.Runtime.InteropServices;

namespace Backprop.ML;

/// <summary>Tells whether numbers are neither NaN nor infinite.</summary>
internal static class Finite
{
    // The bits of a float's exponent, all of them set in NaN and the infinities alone.
    private const uint Exponent = 0x7F800000;

    /// <summary>Whether all are.</summary>
    internal static bool All(ReadOnlySpan<float> values)
    {
        if (values.Length < Vector<uint>.Count)
        {
            var finite = true;
            foreach (var value in values)
            {
                finite &= float.IsFinite(value);
            }

            return finite;
        }

        ref var bits = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<float, uint>(values));
        var (highest, last) = (Vector<uint>.Zero, values.Length - Vector<uint>.Count);
        for (var i = 0; i < last; i += Vector<uint>.Count)
        {
            highest = Vector.Max(highest, Vector.LoadUnsafe(ref bits, (nuint)i) & new Vector<uint>(Exponent));
        }

        // The last vector may have numbers in common with the one before it.
        highest = Vector.Max(highest, Vector.LoadUnsafe(ref bits, (nuint)last) & new Vector<uint>(Exponent));
        return !Vector.EqualsAny(highest, new Vector<uint>(Exponent));
    }
}
