using System.Numerics;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>Elementary functions of our own: the same bits at every width and on every machine, which the platform's do not promise.</summary>
/// <remarks>
/// This file has what they share; a file for each family has the functions. Polynomials without a source of their own are minimax, by
/// Remez' algorithm in 260-bit arithmetic, and their coefficients are rounded to the precision they are used in.
/// The long functions are calls: inlined, two of them in one formula would use up what the JIT is willing to inline.
/// </remarks>
internal static partial class Elementary<TV, T, TS>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    private static bool IsFloat
    {
        [MethodImpl(AggressiveInlining)]
        get => typeof(T) == typeof(float);
    }

    private static int MantissaBits
    {
        [MethodImpl(AggressiveInlining)]
        get => IsFloat ? 23 : 52;
    }

    /// <summary>1.5 · 2^mantissa bits: adding it rounds to an integer and leaves that integer in the lowest bits.</summary>
    private static double Rounder
    {
        [MethodImpl(AggressiveInlining)]
        get => IsFloat ? 12582912.0 : 6755399441055744.0;
    }

    [MethodImpl(AggressiveInlining)] public static TV Negate(TV x) => TS.BitXor(x, Constant(-0.0));

    [MethodImpl(AggressiveInlining)]
    public static TV Abs(TV x) => TS.BitAnd(x, TS.Broadcast(IsFloat ? Bits(0x7FFFFFFF) : Bits(0x7FFFFFFF_FFFFFFFF)));

    [MethodImpl(AggressiveInlining)] private static TV SignOf(TV x) => TS.BitAnd(x, Constant(-0.0));

    /// <summary>The number, rounded, in every lane.</summary>
    // Not by T.CreateTruncating: the many constants of one function would use up what the JIT is willing to inline.
    [MethodImpl(AggressiveInlining)]
    public static TV Constant(double value) => TS.Broadcast(IsFloat ? Unsafe.BitCast<float, T>((float)value) : Unsafe.BitCast<double, T>(value));

    [MethodImpl(AggressiveInlining)]
    private static T Bits(ulong pattern) => IsFloat ? Unsafe.BitCast<uint, T>((uint)pattern) : Unsafe.BitCast<ulong, T>(pattern);

    /// <summary>a + b x.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV Horner(TV x, double a, TV b) => TS.MultiplyAdd(b, x, Constant(a));

    /// <summary>a + b x + c x².</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV Horner(TV x, double a, double b, TV c) => Horner(x, a, Horner(x, b, c));

    /// <summary>a + b x + c x² + d x³.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV Horner(TV x, double a, double b, double c, TV d) => Horner(x, a, b, Horner(x, c, d));

    /// <summary>a + b x + c x² + d x³ + e x⁴.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV Horner(TV x, double a, double b, double c, double d, TV e) => Horner(x, a, b, Horner(x, c, d, e));
}
