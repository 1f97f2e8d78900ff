using System.Numerics;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>A number of tile rows as a type, so that the JIT drops the rows a tile does not have.</summary>
internal interface IRows
{
    static abstract int Count { get; }
}

internal readonly struct Rows1 : IRows
{
    public static int Count => 1;
}

internal readonly struct Rows2 : IRows
{
    public static int Count => 2;
}

internal readonly struct Rows4 : IRows
{
    public static int Count => 4;
}

internal readonly struct Rows6 : IRows
{
    public static int Count => 6;
}

internal readonly struct Rows8 : IRows
{
    public static int Count => 8;
}

/// <summary>How a tile walks its left operand: which step leads to the next row of the tile and which to the next k.</summary>
internal interface IWalk<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>From one row of the tile to the next.</summary>
    static abstract int Row { get; }

    /// <summary>From one k to the next.</summary>
    static abstract int Step { get; }

    /// <summary>How many k lie <see cref="Step"/> apart before the next panel begins.</summary>
    static abstract int Run { get; }
}

/// <summary>A · B: the tile's rows are rows of A, k runs along them, panel by panel.</summary>
internal readonly struct AlongRows<T> : IWalk<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static int Row => Panels<T>.Width;

    public static int Step => 1;

    public static int Run => Panels<T>.Width;
}

/// <summary>Aᵀ · B: the tile's rows are columns of A within one panel, k runs down them.</summary>
internal readonly struct DownColumns<T> : IWalk<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static int Row => 1;

    public static int Step => Panels<T>.Width;

    public static int Run => int.MaxValue;
}

/// <summary>1ᵀ · B: every element of the left operand is the one number it points to; gives column sums.</summary>
internal readonly struct Standing<T> : IWalk<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static int Row => 0;

    public static int Step => 0;

    public static int Run => int.MaxValue;
}

/// <summary>The innermost kernel: up to 8 rows × 2 vectors of a product stay in registers while k runs.</summary>
internal static class GemmTile<T, TV, TS>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    /// <summary>c ← Σₖ aₖ bₖ, one chain of fused multiply-adds from 0 over ascending k; then + c if <paramref name="add"/>, then + bias.</summary>
    /// <param name="a">The left operand's element for row 0 and k = 0.</param>
    /// <param name="panelStep">From a panel of the left operand to the next.</param>
    /// <param name="b">The right operand's row k = 0 in its panel.</param>
    /// <param name="c">The result's row 0 in its panel.</param>
    /// <param name="k">Terms of the sum.</param>
    /// <param name="twoVectors">Whether the tile is two vectors wide, or one.</param>
    /// <param name="add">Whether this is a later chunk of k.</param>
    /// <param name="bias">A row to add at the end, or a null reference.</param>
    [MethodImpl(NoInlining)]
    public static void Run<TM, TW>(ref T a, nint panelStep, ref T b, ref T c, int k, bool twoVectors, bool add, ref T bias)
        where TM : struct, IRows where TW : struct, IWalk<T>
    {
        if (twoVectors)
        {
            RunTwo<TM, TW>(ref a, panelStep, ref b, ref c, k, add, ref bias);
        }
        else
        {
            RunOne<TM, TW>(ref a, panelStep, ref b, ref c, k, add, ref bias);
        }
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void RunTwo<TM, TW>(ref T a, nint panelStep, ref T b, ref T c, int k, bool add, ref T bias)
        where TM : struct, IRows where TW : struct, IWalk<T>
    {
        var zero = TS.Broadcast(T.Zero);
        TV c00 = zero, c10 = zero, c20 = zero, c30 = zero, c40 = zero, c50 = zero, c60 = zero, c70 = zero;
        TV c01 = zero, c11 = zero, c21 = zero, c31 = zero, c41 = zero, c51 = zero, c61 = zero, c71 = zero;
        ref var panel = ref a;
        ref var row = ref b;
        while (k > 0)
        {
            var steps = Math.Min(k, TW.Run);
            ref var x = ref panel;
            for (var i = 0; i < steps; i++)
            {
                var (b0, b1) = (TS.Load(ref row), TS.Load(ref Unsafe.Add(ref row, TS.Count)));
                MultiplyRow<TM, TW>(0, ref x, b0, b1, ref c00, ref c01);
                MultiplyRow<TM, TW>(1, ref x, b0, b1, ref c10, ref c11);
                MultiplyRow<TM, TW>(2, ref x, b0, b1, ref c20, ref c21);
                MultiplyRow<TM, TW>(3, ref x, b0, b1, ref c30, ref c31);
                MultiplyRow<TM, TW>(4, ref x, b0, b1, ref c40, ref c41);
                MultiplyRow<TM, TW>(5, ref x, b0, b1, ref c50, ref c51);
                MultiplyRow<TM, TW>(6, ref x, b0, b1, ref c60, ref c61);
                MultiplyRow<TM, TW>(7, ref x, b0, b1, ref c70, ref c71);
                row = ref Unsafe.Add(ref row, Panels<T>.Width);
                x = ref Unsafe.Add(ref x, TW.Step);
            }

            k -= steps;
            panel = ref Unsafe.Add(ref panel, panelStep);
        }

        ref var second = ref Unsafe.Add(ref c, TS.Count);
        ref var secondBias = ref Unsafe.Add(ref bias, TS.Count);
        var hasBias = !Unsafe.IsNullRef(ref bias);
        StoreRow<TM>(0, c00, ref c, add, hasBias, ref bias);
        StoreRow<TM>(0, c01, ref second, add, hasBias, ref secondBias);
        StoreRow<TM>(1, c10, ref c, add, hasBias, ref bias);
        StoreRow<TM>(1, c11, ref second, add, hasBias, ref secondBias);
        StoreRow<TM>(2, c20, ref c, add, hasBias, ref bias);
        StoreRow<TM>(2, c21, ref second, add, hasBias, ref secondBias);
        StoreRow<TM>(3, c30, ref c, add, hasBias, ref bias);
        StoreRow<TM>(3, c31, ref second, add, hasBias, ref secondBias);
        StoreRow<TM>(4, c40, ref c, add, hasBias, ref bias);
        StoreRow<TM>(4, c41, ref second, add, hasBias, ref secondBias);
        StoreRow<TM>(5, c50, ref c, add, hasBias, ref bias);
        StoreRow<TM>(5, c51, ref second, add, hasBias, ref secondBias);
        StoreRow<TM>(6, c60, ref c, add, hasBias, ref bias);
        StoreRow<TM>(6, c61, ref second, add, hasBias, ref secondBias);
        StoreRow<TM>(7, c70, ref c, add, hasBias, ref bias);
        StoreRow<TM>(7, c71, ref second, add, hasBias, ref secondBias);
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void RunOne<TM, TW>(ref T a, nint panelStep, ref T b, ref T c, int k, bool add, ref T bias)
        where TM : struct, IRows where TW : struct, IWalk<T>
    {
        var zero = TS.Broadcast(T.Zero);
        TV c0 = zero, c1 = zero, c2 = zero, c3 = zero, c4 = zero, c5 = zero, c6 = zero, c7 = zero;
        ref var panel = ref a;
        ref var row = ref b;
        while (k > 0)
        {
            var steps = Math.Min(k, TW.Run);
            ref var x = ref panel;
            for (var i = 0; i < steps; i++)
            {
                var b0 = TS.Load(ref row);
                MultiplyRow<TM, TW>(0, ref x, b0, ref c0);
                MultiplyRow<TM, TW>(1, ref x, b0, ref c1);
                MultiplyRow<TM, TW>(2, ref x, b0, ref c2);
                MultiplyRow<TM, TW>(3, ref x, b0, ref c3);
                MultiplyRow<TM, TW>(4, ref x, b0, ref c4);
                MultiplyRow<TM, TW>(5, ref x, b0, ref c5);
                MultiplyRow<TM, TW>(6, ref x, b0, ref c6);
                MultiplyRow<TM, TW>(7, ref x, b0, ref c7);
                row = ref Unsafe.Add(ref row, Panels<T>.Width);
                x = ref Unsafe.Add(ref x, TW.Step);
            }

            k -= steps;
            panel = ref Unsafe.Add(ref panel, panelStep);
        }

        var hasBias = !Unsafe.IsNullRef(ref bias);
        StoreRow<TM>(0, c0, ref c, add, hasBias, ref bias);
        StoreRow<TM>(1, c1, ref c, add, hasBias, ref bias);
        StoreRow<TM>(2, c2, ref c, add, hasBias, ref bias);
        StoreRow<TM>(3, c3, ref c, add, hasBias, ref bias);
        StoreRow<TM>(4, c4, ref c, add, hasBias, ref bias);
        StoreRow<TM>(5, c5, ref c, add, hasBias, ref bias);
        StoreRow<TM>(6, c6, ref c, add, hasBias, ref bias);
        StoreRow<TM>(7, c7, ref c, add, hasBias, ref bias);
    }

    [MethodImpl(AggressiveInlining)]
    private static void MultiplyRow<TM, TW>(int r, ref T x, TV b0, TV b1, ref TV sum0, ref TV sum1)
        where TM : struct, IRows where TW : struct, IWalk<T>
    {
        if (r < TM.Count)
        {
            var a = TS.Broadcast(Unsafe.Add(ref x, r * TW.Row));
            sum0 = TS.MultiplyAdd(a, b0, sum0);
            sum1 = TS.MultiplyAdd(a, b1, sum1);
        }
    }

    [MethodImpl(AggressiveInlining)]
    private static void MultiplyRow<TM, TW>(int r, ref T x, TV b, ref TV sum) where TM : struct, IRows where TW : struct, IWalk<T>
    {
        if (r < TM.Count)
        {
            sum = TS.MultiplyAdd(TS.Broadcast(Unsafe.Add(ref x, r * TW.Row)), b, sum);
        }
    }

    [MethodImpl(AggressiveInlining)]
    private static void StoreRow<TM>(int r, TV sum, ref T c, bool add, bool hasBias, ref T bias) where TM : struct, IRows
    {
        if (r < TM.Count)
        {
            ref var target = ref Unsafe.Add(ref c, r * Panels<T>.Width);
            if (add)
            {
                sum = TS.Add(TS.Load(ref target), sum);
            }

            if (hasBias)
            {
                sum = TS.Add(sum, TS.Load(ref bias));
            }

            TS.Store(sum, ref target);
        }
    }
}
