using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>exp, expm1, sigmoid and tanh: 2ⁿ eʳ with x = n ln 2 + r.</summary>
/// <remarks>Argument reduction after Cody and Waite, Software Manual for the Elementary Functions (1980).</remarks>
internal static partial class Elementary<TV, T, TS>
{
    /// <summary>ln 2 in two parts; an exponent times the high part is exact.</summary>
    private static (double High, double Low) Ln2
    {
        [MethodImpl(AggressiveInlining)]
        get => IsFloat ? (0.693359375, -2.1219444005469057e-4) : (6.93147180369123816490e-01, 1.90821492927058770002e-10);
    }

    /// <summary>eˣ.</summary>
    [MethodImpl(AggressiveInlining)]
    public static TV Exp(TV x)
    {
        // Beyond these bounds the result is 0 or infinity; a NaN compares false and stays.
        x = Clamp(x, IsFloat ? -105 : -746, IsFloat ? 89 : 710);
        var shifted = Reduce(x, out var n, out _, out var r);
        return Scale(ExpOfReduced(r), shifted, n);
    }

    /// <summary>eˣ − 1, accurate near 0.</summary>
    [MethodImpl(AggressiveInlining)]
    public static TV Expm1(TV x)
    {
        // Below −40 the result is −1.
        var bounded = Clamp(x, -40, IsFloat ? 89 : 710);
        var shifted = Reduce(bounded, out var n, out var high, out var r);
        var lost = TS.MultiplyAdd(n, Constant(-Ln2.Low), TS.Subtract(high, r));
        var tail = TS.MultiplyAdd(TS.Multiply(r, r), ExpSeries(r), TS.MultiplyAdd(lost, r, lost));
        // Half the result, so that 2ⁿ does not overflow where the result does not: h − 1/2, plus h r, with what each sum loses; then the tail.
        var half = TS.BitAdd(TS.BitShiftLeft(shifted, MantissaBits), Constant(0.5));
        var start = TS.Subtract(half, Constant(0.5));
        var taken = TS.Subtract(start, half);
        var startLost = TS.Subtract(TS.Subtract(half, TS.Subtract(start, taken)), TS.Add(taken, Constant(0.5)));
        var main = TS.MultiplyAdd(half, r, start);
        var rest = TS.Add(TS.MultiplyAdd(half, r, TS.Subtract(start, main)), startLost);
        var y = TS.Multiply(TS.Add(main, TS.MultiplyAdd(half, tail, rest)), Constant(2));
        // Where x²/2 is lost the result is x itself: its sign of zero, and a denormal's last bit.
        return TS.IfGreater(Abs(x), Constant(IsFloat ? 2.9e-8 : 5e-17), y, x);
    }

    /// <summary>1 / (1 + e⁻ˣ): e⁻^|x| in two parts, a quotient of sums with what they lose, and one step of Newton's.</summary>
    [MethodImpl(AggressiveInlining)]
    public static TV Sigmoid(TV x)
    {
        var shifted = Reduce(Clamp(Negate(Abs(x)), IsFloat ? -105 : -746, 0), out var n, out _, out var r);
        var high = ExpOfReduced(r, out var low);
        var (e, lost) = (Scale(high, shifted, n), Scale(low, shifted, n));
        var sum = TS.Add(Constant(1), e);
        var sumLost = TS.Add(TS.Subtract(e, TS.Subtract(sum, Constant(1))), lost);
        var zero = Constant(0);
        var (above, aboveLost) = (TS.IfGreater(x, zero, Constant(1), e), TS.IfGreater(x, zero, zero, lost));
        var inverse = TS.Divide(Constant(1), sum);
        var quotient = TS.Multiply(above, inverse);
        var negated = Negate(quotient);
        var rest = TS.Add(TS.MultiplyAdd(negated, sum, above), TS.MultiplyAdd(negated, sumLost, aboveLost));
        return TS.MultiplyAdd(rest, inverse, quotient);
    }

    /// <summary>The hyperbolic tangent of |x|, with x's sign put on last: x + x³ P(x²) up to 1, 1 − 2 / (e²ˣ + 1) above.</summary>
    [MethodImpl(AggressiveInlining)]
    public static TV Tanh(TV x)
    {
        var size = Abs(x);
        var z = TS.Multiply(size, size);
        var small = TS.MultiplyAdd(TS.Multiply(size, z), TanhSeries(z), size);
        var bound = Constant(IsFloat ? 20 : 40);
        var twice = TS.Add(size, size);
        var shifted = Reduce(TS.IfGreater(twice, bound, bound, twice), out _, out _, out var r);
        var power = TS.Multiply(ExpOfReduced(r), PowerOfTwo(shifted));
        var large = TS.Subtract(Constant(1), TS.Divide(Constant(2), TS.Add(power, Constant(1))));
        return TS.BitOr(TS.IfGreater(size, Constant(1), large, small), SignOf(x));
    }

    [MethodImpl(AggressiveInlining)]
    private static TV Clamp(TV x, double least, double most)
        => TS.IfGreater(Constant(least), x, Constant(least), TS.IfGreater(x, Constant(most), Constant(most), x));

    /// <summary>x = n ln 2 + r with |r| ≤ ln 2 / 2; gives n + <see cref="Rounder"/>.</summary>
    /// <param name="x">At most a thousand or so in size.</param>
    /// <param name="n">A whole number.</param>
    /// <param name="high">x less n times ln 2's high part, exactly.</param>
    /// <param name="r">The rest.</param>
    [MethodImpl(AggressiveInlining)]
    private static TV Reduce(TV x, out TV n, out TV high, out TV r)
    {
        var shifted = TS.MultiplyAdd(x, Constant(1.4426950408889634), Constant(Rounder));
        n = TS.Subtract(shifted, Constant(Rounder));
        high = TS.MultiplyAdd(n, Constant(-Ln2.High), x);
        r = TS.MultiplyAdd(n, Constant(-Ln2.Low), high);
        return shifted;
    }

    /// <summary>eʳ; what 1 + r loses is added back.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV ExpOfReduced(TV r) => ExpOfReduced(r, out _);

    /// <summary>eʳ and what its last addition loses.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV ExpOfReduced(TV r, out TV lost)
    {
        var main = TS.Add(Constant(1), r);
        var tail = TS.MultiplyAdd(TS.Multiply(r, r), ExpSeries(r), TS.Subtract(r, TS.Subtract(main, Constant(1))));
        var y = TS.Add(main, tail);
        lost = TS.Subtract(tail, TS.Subtract(y, main));
        return y;
    }

    /// <summary>(eʳ − 1 − r) / r² for |r| ≤ ln 2 / 2; eʳ is then within 0.02 · 2⁻²⁴ or 0.08 · 2⁻⁵³, relatively.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV ExpSeries(TV r) => IsFloat
        ? Horner(r, 0.5, 0.1666666567325592, 0.041666291654109955, 0.008333499543368816, Horner(r, 0.0013944865204393864, Constant(0.00019789802900049835)))
        : Horner(r, 0.5000000000000011, 0.16666666666666405, 0.04166666666652835, 0.00833333333349877,
            Horner(r, 0.0013888888944201345, 0.00019841269499104719, 2.480149242430586e-05, 2.755759135148041e-06,
                Horner(r, 2.7630514155173235e-07, Constant(2.499902096824371e-08))));

    /// <summary>(tanh x / x − 1) / x² for z = x² ≤ 1; tanh is then within 0.02 · 2⁻²⁴ or 0.12 · 2⁻⁵³, relatively.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV TanhSeries(TV z) => IsFloat
        ? Horner(z, -0.333333283662796, 0.13333174586296082, -0.0539507232606411, 0.02177443914115429,
            Horner(z, -0.00857143010944128, 0.0030488234478980303, -0.0008218481088988483, Constant(0.00011643328616628423)))
        : Horner(z, -0.3333333333333294, 0.13333333333292163, -0.0539682539532, 0.021869488256169745,
            Horner(z, -0.008863232416589468, 0.003592105387030141, -0.0014557203890690768, 0.0005896158546425475,
                Horner(z, -0.00023803773304338478, 9.475861097294433e-05, -3.607598491984482e-05, 1.2333090935011178e-05,
                    Horner(z, -3.4154613490830897e-06, 6.532121556470233e-07, Constant(-6.251756255588803e-08)))));

    /// <summary>2ⁿ for n + <see cref="Rounder"/>: n's bits become the exponent.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV PowerOfTwo(TV shifted) => TS.BitAdd(TS.BitShiftLeft(shifted, MantissaBits), Constant(1));

    /// <summary>y 2ⁿ, the power in two factors, so that neither overflows; only the last product can round.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV Scale(TV y, TV shifted, TV n)
    {
        var half = TS.MultiplyAdd(n, Constant(0.5), Constant(Rounder));
        var rest = TS.Subtract(shifted, TS.Subtract(half, Constant(Rounder)));
        return TS.Multiply(TS.Multiply(y, PowerOfTwo(half)), PowerOfTwo(rest));
    }
}
