using System.Numerics;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;
using static Backprop.Formulas.Primitives;

namespace Backprop.Kernels;

/// <summary>Makes vectors orthonormal, each against those before it: Q of the QR decomposition with a positive diagonal in R.</summary>
/// <remarks>
/// Source: modified Gram-Schmidt, each vector twice, which is enough for right angles to the last digit: Giraud, Langou and Rozložník,
/// The loss of orthogonality in the Gram-Schmidt orthogonalization process, Computers and Mathematics with Applications 50 (2005).
/// </remarks>
internal static class GramSchmidt<T, TV, TS>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    /// <summary>Works in place.</summary>
    /// <param name="vectors">The vectors one after the other, each filled up by zeros to the stride.</param>
    /// <param name="stride">A multiple of 16.</param>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static void Run(Span<T> vectors, int stride)
    {
        for (var start = 0; start < vectors.Length; start += stride)
        {
            var vector = vectors.Slice(start, stride);
            for (var pass = 0; pass < 2; pass++)
            {
                for (var other = 0; other < start; other += stride)
                {
                    var unit = vectors.Slice(other, stride);
                    Subtract(vector, unit, Dot(vector, unit));
                }
            }

            var length = TS.Broadcast(T.Sqrt(Dot(vector, vector)));
            for (var i = 0; i < stride; i += TS.Count)
            {
                TS.Store(TS.Divide(TS.Load(in vector[i]), length), ref vector[i]);
            }
        }
    }

    private static T Dot(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
    {
        Span<T> lanes = stackalloc T[Reduce.Lanes];
        for (var lane = 0; lane < Reduce.Lanes; lane += TS.Count)
        {
            var sum = TS.Broadcast(T.Zero);
            for (var i = lane; i < a.Length; i += Reduce.Lanes)
            {
                sum = TS.MultiplyAdd(TS.Load(in a[i]), TS.Load(in b[i]), sum);
            }

            TS.Store(sum, ref lanes[lane]);
        }

        return Reduce<T, TV, TS>.Tree(new Addition(), ref lanes[0]);
    }

    /// <summary>a ← a − factor · b.</summary>
    private static void Subtract(Span<T> a, ReadOnlySpan<T> b, T factor)
    {
        var negated = TS.Broadcast(-factor);
        for (var i = 0; i < a.Length; i += TS.Count)
        {
            TS.Store(TS.MultiplyAdd(negated, TS.Load(in b[i]), TS.Load(in a[i])), ref a[i]);
        }
    }
}
