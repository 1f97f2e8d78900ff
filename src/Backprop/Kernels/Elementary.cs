using System.Numerics;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>exp, log, log1p and tanh of our own: the same bits at every width and on every machine, which the platform's do not promise.</summary>
/// <remarks>
/// Argument reduction after Cody and Waite (1980); the logarithm's series in s = f / (2 + f) as in FreeBSD's msun (e_log.c) by Sun
/// Microsystems. Coefficients are those of the Taylor series, cut where the next term is below an eighth of an ulp; tanh near 0 says its own.
/// </remarks>
internal static class Elementary<TV, T, TS>
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

    /// <summary>ln 2 in two parts; an exponent times the high part is exact.</summary>
    private static (double High, double Low) Ln2
    {
        [MethodImpl(AggressiveInlining)]
        get => IsFloat ? (0.693359375, -2.1219444005469057e-4) : (6.93147180369123816490e-01, 1.90821492927058770002e-10);
    }

    [MethodImpl(AggressiveInlining)] public static TV Negate(TV x) => TS.BitXor(x, Constant(-0.0));

    [MethodImpl(AggressiveInlining)]
    public static TV Abs(TV x) => TS.BitAnd(x, TS.Broadcast(IsFloat ? Bits(0x7FFFFFFF) : Bits(0x7FFFFFFF_FFFFFFFF)));

    /// <summary>eˣ within 1 ulp in float, denormal results included.</summary>
    [MethodImpl(AggressiveInlining)]
    public static TV Exp(TV x)
    {
        // Beyond these bounds the result is 0 or infinity; a NaN compares false and stays.
        var (least, most) = IsFloat ? (-105.0, 89.0) : (-746.0, 710.0);
        x = TS.IfGreater(Constant(least), x, Constant(least), TS.IfGreater(x, Constant(most), Constant(most), x));
        var power = Reduce(x, out var r);
        var y = TS.Add(Constant(1), Expm1OfReduced(r));
        // 2ⁿ in two factors, so that neither overflows; only the last product can round.
        var half = TS.MultiplyAdd(power, Constant(0.5), Constant(Rounder));
        var rest = TS.Add(TS.Subtract(power, TS.Subtract(half, Constant(Rounder))), Constant(Rounder));
        return TS.Multiply(TS.Multiply(y, PowerOfTwo(half)), PowerOfTwo(rest));
    }

    /// <summary>The natural logarithm within 1 ulp in float: −∞ at 0, NaN below.</summary>
    [MethodImpl(AggressiveInlining)]
    public static TV Log(TV x) => Special(x, LogOfSum(x, Constant(0)));

    /// <summary>log(1 + x): the part of x that 1 + x rounds away comes back as a correction.</summary>
    [MethodImpl(AggressiveInlining)]
    public static TV Log1p(TV x)
    {
        var sum = TS.Add(Constant(1), x);
        var large = TS.IfGreater(x, Constant(1), x, Constant(1));
        var small = TS.IfGreater(x, Constant(1), Constant(1), x);
        var lost = TS.Subtract(small, TS.Subtract(sum, large));
        var infinity = Constant(double.PositiveInfinity);
        var result = Special(sum, LogOfSum(sum, TS.IfGreater(infinity, x, lost, Constant(0))));
        // Where 1 + x = 1, the result is x itself (its sign of zero included).
        return TS.IfGreater(Constant(IsFloat ? 2.9e-8 : 5e-17), Abs(x), x, result);
    }

    /// <summary>The hyperbolic tangent of |x|, with x's sign put on last.</summary>
    [MethodImpl(AggressiveInlining)]
    public static TV Tanh(TV x)
    {
        var size = Abs(x);
        var bound = Constant(IsFloat ? 10.0 : 20.0);
        var twice = TS.Multiply(TS.IfGreater(size, bound, bound, size), Constant(2));
        var y = IsFloat ? TanhOfFloat(size, twice) : TanhByExpm1(twice);
        return TS.BitOr(y, TS.BitAnd(x, Constant(-0.0)));
    }

    /// <summary>x + x³ P(x²) below 0.9, with P interpolating at Chebyshev points of x² in [0, 1] to 0.03 ulp; 1 − 2 / (e²ˣ + 1) above.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV TanhOfFloat(TV x, TV twice)
    {
        var z = TS.Multiply(x, x);
        var p = Constant(0.00014279318799621563);
        p = TS.MultiplyAdd(p, z, Constant(-0.0009235008463481761));
        p = TS.MultiplyAdd(p, z, Constant(0.003206803386846565));
        p = TS.MultiplyAdd(p, z, Constant(-0.008697847592814879));
        p = TS.MultiplyAdd(p, z, Constant(0.02182954884305937));
        p = TS.MultiplyAdd(p, z, Constant(-0.05396341475443884));
        p = TS.MultiplyAdd(p, z, Constant(0.133333106555451));
        p = TS.MultiplyAdd(p, z, Constant(-0.3333333315672231));
        var small = TS.MultiplyAdd(TS.Multiply(x, z), p, x);
        var large = TS.Subtract(Constant(1), TS.Divide(Constant(2), TS.Add(Exp(twice), Constant(1))));
        return TS.IfGreater(x, Constant(0.9), large, small);
    }

    /// <summary>e / (e + 2) with e = expm1(2x), which keeps relative accuracy near 0.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV TanhByExpm1(TV twice)
    {
        var power = Reduce(twice, out var r);
        var scale = PowerOfTwo(TS.Add(power, Constant(Rounder)));
        var e = TS.MultiplyAdd(scale, Expm1OfReduced(r), TS.Subtract(scale, Constant(1)));
        return TS.Divide(e, TS.Add(e, Constant(2)));
    }

    [MethodImpl(AggressiveInlining)] private static TV Constant(double value) => TS.Broadcast(T.CreateTruncating(value));

    [MethodImpl(AggressiveInlining)]
    private static T Bits(ulong pattern) => IsFloat ? Unsafe.BitCast<uint, T>((uint)pattern) : Unsafe.BitCast<ulong, T>(pattern);

    /// <summary>x = n ln 2 + r with |r| ≤ ln 2 / 2; gives n.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV Reduce(TV x, out TV r)
    {
        var n = TS.Subtract(TS.MultiplyAdd(x, Constant(1.4426950408889634), Constant(Rounder)), Constant(Rounder));
        var (high, low) = Ln2;
        r = TS.MultiplyAdd(n, Constant(-low), TS.MultiplyAdd(n, Constant(-high), x));
        return n;
    }

    /// <summary>eʳ − 1 for |r| ≤ ln 2 / 2: r + r² (1/2! + r/3! + …).</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV Expm1OfReduced(TV r)
    {
        TV p;
        if (IsFloat)
        {
            p = Constant(1.0 / 40320);
            p = TS.MultiplyAdd(p, r, Constant(1.0 / 5040));
        }
        else
        {
            p = Constant(1.0 / 87178291200);
            p = TS.MultiplyAdd(p, r, Constant(1.0 / 6227020800));
            p = TS.MultiplyAdd(p, r, Constant(1.0 / 479001600));
            p = TS.MultiplyAdd(p, r, Constant(1.0 / 39916800));
            p = TS.MultiplyAdd(p, r, Constant(1.0 / 3628800));
            p = TS.MultiplyAdd(p, r, Constant(1.0 / 362880));
            p = TS.MultiplyAdd(p, r, Constant(1.0 / 40320));
            p = TS.MultiplyAdd(p, r, Constant(1.0 / 5040));
        }

        p = TS.MultiplyAdd(p, r, Constant(1.0 / 720));
        p = TS.MultiplyAdd(p, r, Constant(1.0 / 120));
        p = TS.MultiplyAdd(p, r, Constant(1.0 / 24));
        p = TS.MultiplyAdd(p, r, Constant(1.0 / 6));
        p = TS.MultiplyAdd(p, r, Constant(0.5));
        return TS.MultiplyAdd(TS.Multiply(r, r), p, r);
    }

    /// <summary>2ⁿ for n + <see cref="Rounder"/>: n's bits become the exponent.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV PowerOfTwo(TV shifted) => TS.BitAdd(TS.BitShiftLeft(shifted, MantissaBits), Constant(1));

    /// <summary>log(x + lost) for finite x &gt; 0 and |lost| below half an ulp of x.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV LogOfSum(TV x, TV lost)
    {
        var smallest = Constant(IsFloat ? 1.17549435e-38 : 2.2250738585072014e-308);
        var lift = Constant(IsFloat ? 16777216.0 : 18014398509481984.0);
        var denormal = TS.IfGreater(smallest, x, lift, Constant(1));
        var correction = TS.Divide(lost, x);
        x = TS.Multiply(x, denormal);
        var bias = IsFloat ? 127.0 : 1023.0;
        var integerBase = IsFloat ? 8388608.0 : 4503599627370496.0;
        var biased = TS.Subtract(TS.BitOr(TS.BitShiftRight(x, MantissaBits), Constant(integerBase)), Constant(integerBase + bias));
        var n = TS.Subtract(biased, TS.IfGreater(denormal, Constant(1), Constant(IsFloat ? 24 : 54), Constant(0)));
        var mantissa = TS.BitOr(TS.BitAnd(x, TS.Broadcast(IsFloat ? Bits(0x007FFFFF) : Bits(0x000FFFFF_FFFFFFFF))), Constant(1));
        var upper = Constant(1.4142135623730951);
        n = TS.IfGreater(mantissa, upper, TS.Add(n, Constant(1)), n);
        mantissa = TS.IfGreater(mantissa, upper, TS.Multiply(mantissa, Constant(0.5)), mantissa);

        // log(1 + f) = f − (f²/2 − s (f²/2 + R)), R = s² (2/3 + 2/5 s² + …), s = f / (2 + f).
        var f = TS.Subtract(mantissa, Constant(1));
        var s = TS.Divide(f, TS.Add(f, Constant(2)));
        var z = TS.Multiply(s, s);
        var series = TS.Multiply(z, LogSeries(z));
        var half = TS.Multiply(TS.Multiply(f, f), Constant(0.5));
        var (high, low) = Ln2;
        var tail = TS.MultiplyAdd(n, Constant(low), TS.MultiplyAdd(s, TS.Add(half, series), correction));
        return TS.MultiplyAdd(n, Constant(high), TS.Subtract(f, TS.Subtract(half, tail)));
    }

    /// <summary>2/3 + 2/5 z + 2/7 z² + …, for z ≤ 0.0295.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV LogSeries(TV z)
    {
        TV p;
        if (IsFloat)
        {
            p = Constant(2.0 / 9);
        }
        else
        {
            p = Constant(2.0 / 21);
            p = TS.MultiplyAdd(p, z, Constant(2.0 / 19));
            p = TS.MultiplyAdd(p, z, Constant(2.0 / 17));
            p = TS.MultiplyAdd(p, z, Constant(2.0 / 15));
            p = TS.MultiplyAdd(p, z, Constant(2.0 / 13));
            p = TS.MultiplyAdd(p, z, Constant(2.0 / 11));
            p = TS.MultiplyAdd(p, z, Constant(2.0 / 9));
        }

        p = TS.MultiplyAdd(p, z, Constant(2.0 / 7));
        p = TS.MultiplyAdd(p, z, Constant(2.0 / 5));
        return TS.MultiplyAdd(p, z, Constant(2.0 / 3));
    }

    /// <summary>Puts the logarithm's special values in: −∞ at 0, NaN below and at NaN, ∞ at ∞.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV Special(TV x, TV result)
    {
        var (zero, infinity) = (Constant(0), Constant(double.PositiveInfinity));
        result = TS.IfGreater(infinity, x, result, x);
        return TS.IfGreater(x, zero, result, TS.IfGreater(zero, x, Constant(double.NaN), TS.Add(x, Constant(double.NegativeInfinity))));
    }
}
