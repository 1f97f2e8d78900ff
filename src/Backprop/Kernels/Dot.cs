using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>Inner products in double over 16 lanes and one tree: the same bits on every machine, and squares of floats do not overflow.</summary>
/// <remarks>Always four vectors of 256 bits, whatever the width of other kernels: .NET makes two or more of each where there are none.</remarks>
internal static class Dot
{
    private const int Lanes = 16;

    /// <summary>Σ aᵢ bᵢ.</summary>
    public static double Of<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b) where T : unmanaged, IFloatingPointIeee754<T> => typeof(T) == typeof(float)
        ? Of(MemoryMarshal.Cast<T, float>(a), MemoryMarshal.Cast<T, float>(b))
        : Of(MemoryMarshal.Cast<T, double>(a), MemoryMarshal.Cast<T, double>(b));

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static double Of(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Vector256<double> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        var i = 0;
        for (; i <= a.Length - Lanes; i += Lanes)
        {
            var (low, high) = (Vector256.Create(a[i..]), Vector256.Create(a[(i + 8)..]));
            var (otherLow, otherHigh) = (Vector256.Create(b[i..]), Vector256.Create(b[(i + 8)..]));
            sum0 += Vector256.WidenLower(low) * Vector256.WidenLower(otherLow);
            sum1 += Vector256.WidenUpper(low) * Vector256.WidenUpper(otherLow);
            sum2 += Vector256.WidenLower(high) * Vector256.WidenLower(otherHigh);
            sum3 += Vector256.WidenUpper(high) * Vector256.WidenUpper(otherHigh);
        }

        Span<double> lanes = stackalloc double[Lanes];
        Store(sum0, sum1, sum2, sum3, lanes);
        for (var lane = 0; i < a.Length; i++, lane++)
        {
            lanes[lane] += (double)a[i] * b[i];
        }

        return Tree(lanes);
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static double Of(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Vector256<double> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        var i = 0;
        for (; i <= a.Length - Lanes; i += Lanes)
        {
            sum0 += Vector256.Create(a[i..]) * Vector256.Create(b[i..]);
            sum1 += Vector256.Create(a[(i + 4)..]) * Vector256.Create(b[(i + 4)..]);
            sum2 += Vector256.Create(a[(i + 8)..]) * Vector256.Create(b[(i + 8)..]);
            sum3 += Vector256.Create(a[(i + 12)..]) * Vector256.Create(b[(i + 12)..]);
        }

        Span<double> lanes = stackalloc double[Lanes];
        Store(sum0, sum1, sum2, sum3, lanes);
        for (var lane = 0; i < a.Length; i++, lane++)
        {
            lanes[lane] += a[i] * b[i];
        }

        return Tree(lanes);
    }

    [MethodImpl(AggressiveInlining)]
    private static void Store(Vector256<double> sum0, Vector256<double> sum1, Vector256<double> sum2, Vector256<double> sum3, Span<double> lanes)
    {
        sum0.CopyTo(lanes);
        sum1.CopyTo(lanes[4..]);
        sum2.CopyTo(lanes[8..]);
        sum3.CopyTo(lanes[12..]);
    }

    private static double Tree(Span<double> lanes)
    {
        for (var half = Lanes / 2; half > 0; half /= 2)
        {
            for (var i = 0; i < half; i++)
            {
                lanes[i] += lanes[i + half];
            }
        }

        return lanes[0];
    }
}
