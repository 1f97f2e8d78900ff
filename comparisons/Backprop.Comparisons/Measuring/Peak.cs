using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Backprop.Audit;
using Backprop.Kernels;
using Backprop.Planning;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Comparisons.Measuring;

/// <summary>The most multiplications and additions one core does: chains of fused multiply-adds that wait for nothing but themselves.</summary>
/// <remarks>It takes its turns with the contenders; the fastest of its many short runs counts, which no other process disturbed.</remarks>
internal abstract class Peak : Contender
{
    private long least = long.MaxValue;

    /// <summary>10⁹ multiplications and additions per second.</summary>
    public double Gflops => Operations / Stopwatch.GetElapsedTime(0, least).TotalNanoseconds;

    /// <summary>Its code is compiled fully before it first runs.</summary>
    public override bool WarmsUp => false;

    /// <summary>Operations of one run.</summary>
    protected abstract double Operations { get; }

    /// <summary>The peak of the vectors in use.</summary>
    public static Peak Of(bool isDouble) => isDouble ? Of<double>() : Of<float>();

    /// <inheritdoc/>
    public sealed override void Run()
    {
        var start = Stopwatch.GetTimestamp();
        Multiply();
        least = Math.Min(least, Stopwatch.GetTimestamp() - start);
    }

    /// <inheritdoc/>
    public override double[] Results() => [];

    /// <summary>One run.</summary>
    protected abstract void Multiply();

    private static Peak Of<T>() where T : unmanaged, IFloatingPointIeee754<T> => EngineOptions.Default.VectorBitsInUse switch
    {
        512 => new Peak<T, Vector512<T>, Simd512<T>>(),
        256 => new Peak<T, Vector256<T>, Simd256<T>>(),
        128 => new Peak<T, Vector128<T>, Simd128<T>>(),
        _ => new Peak<T, T, Simd1<T>>(),
    };
}

/// <inheritdoc/>
internal sealed class Peak<T, TV, TS> : Peak
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    private const int Chains = 12;
    private const int Steps = 20_000;
    private readonly T[] sums = new T[64 / Unsafe.SizeOf<T>()];

    /// <inheritdoc/>
    protected override double Operations => 2.0 * Chains * Steps * TS.Count;

    /// <inheritdoc/>
    protected override void Multiply() => Multiply(ref sums[0], Steps);

    // 12 chains hide a latency of 4 to 6 cycles on 2 units, and fit 16 registers. They start apart, or a compiler could merge them.
    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Multiply(ref T sum, int steps)
    {
        var (factor, term) = (Start(15), Start(1));
        var (a, b, c, d, e, f) = (Start(1), Start(2), Start(3), Start(4), Start(5), Start(6));
        var (g, h, i, j, k, l) = (Start(7), Start(8), Start(9), Start(10), Start(11), Start(12));
        for (var step = 0; step < steps; step++)
        {
            a = TS.MultiplyAdd(a, factor, term);
            b = TS.MultiplyAdd(b, factor, term);
            c = TS.MultiplyAdd(c, factor, term);
            d = TS.MultiplyAdd(d, factor, term);
            e = TS.MultiplyAdd(e, factor, term);
            f = TS.MultiplyAdd(f, factor, term);
            g = TS.MultiplyAdd(g, factor, term);
            h = TS.MultiplyAdd(h, factor, term);
            i = TS.MultiplyAdd(i, factor, term);
            j = TS.MultiplyAdd(j, factor, term);
            k = TS.MultiplyAdd(k, factor, term);
            l = TS.MultiplyAdd(l, factor, term);
        }

        a = TS.Add(TS.Add(TS.Add(a, b), TS.Add(c, d)), TS.Add(TS.Add(e, f), TS.Add(g, h)));
        TS.Store(TS.Add(a, TS.Add(TS.Add(i, j), TS.Add(k, l))), ref sum);
    }

    /// <summary>Sixteenths below 1, so that no chain grows or dies out.</summary>
    [MethodImpl(AggressiveInlining)] private static TV Start(int sixteenths) => TS.Broadcast(T.CreateTruncating(sixteenths / 16.0));
}
