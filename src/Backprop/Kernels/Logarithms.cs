using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>log and log1p: n ln 2 + log m with x = 2ⁿ m, and log m as a series in s = f / (2 + f), f = m − 1.</summary>
/// <remarks>Source: FreeBSD's msun (e_log.c) by Sun Microsystems, for the series and the order of its sum.</remarks>
internal static partial class Elementary<TV, T, TS>
{
    /// <summary>The natural logarithm: −∞ at 0, NaN below.</summary>
    [MethodImpl(AggressiveInlining)]
    public static TV Log(TV x) => SpecialLog(x, LogOfPositive(x, Constant(0)));

    /// <summary>log(1 + x): the part of x that 1 + x rounds away comes back as a correction.</summary>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static TV Log1p(TV x)
    {
        var sum = TS.Add(Constant(1), x);
        var large = TS.IfGreater(x, Constant(1), x, Constant(1));
        var small = TS.IfGreater(x, Constant(1), Constant(1), x);
        var lost = TS.Subtract(small, TS.Subtract(sum, large));
        var correction = TS.IfGreater(Constant(double.PositiveInfinity), x, TS.Divide(lost, sum), Constant(0));
        var result = SpecialLog(sum, LogOfPositive(sum, correction));
        // Where 1 + x = 1, the result is x itself (its sign of zero included).
        return TS.IfGreater(Constant(IsFloat ? 2.9e-8 : 5e-17), Abs(x), x, result);
    }

    /// <summary>log x + correction for finite x &gt; 0.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV LogOfPositive(TV x, TV correction)
    {
        var smallest = Constant(IsFloat ? 1.17549435e-38 : 2.2250738585072014e-308);
        var lift = Constant(IsFloat ? 16777216.0 : 18014398509481984.0);
        var denormal = TS.IfGreater(smallest, x, lift, Constant(1));
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
        var half = TS.Multiply(TS.Multiply(f, f), Constant(0.5));
        var (high, low) = Ln2;
        var tail = TS.MultiplyAdd(n, Constant(low), TS.MultiplyAdd(s, TS.MultiplyAdd(z, LogSeries(z), half), correction));
        return TS.MultiplyAdd(n, Constant(high), TS.Subtract(f, TS.Subtract(half, tail)));
    }

    /// <summary>(log((1 + s) / (1 − s)) / s − 2) / s² for z = s² ≤ 0.0295; the logarithm is then within 0.02 · 2⁻²⁴, or 0.02 · 2⁻⁵³, relatively.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV LogSeries(TV z) => IsFloat
        ? Horner(z, 0.6666677594184875, 0.39977553486824036, Constant(0.29872259497642517))
        : Horner(z, 0.6666666666666735, 0.3999999999940875, 0.2857142874391199, 0.2222219839860363,
            Horner(z, 0.18183574247948925, 0.15313776699981557, Constant(0.14798877000011199)));

    /// <summary>Puts the logarithm's special values in: −∞ at 0, NaN below and at NaN, ∞ at ∞.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV SpecialLog(TV x, TV result)
    {
        var (zero, infinity) = (Constant(0), Constant(double.PositiveInfinity));
        result = TS.IfGreater(infinity, x, result, x);
        return TS.IfGreater(x, zero, result, TS.IfGreater(zero, x, Constant(double.NaN), TS.Add(x, Constant(double.NegativeInfinity))));
    }
}
