using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>sin and cos: |x| = n π/2 + r, then a series of sin r or cos r by n's last bits.</summary>
/// <remarks>
/// Below 2²⁰, argument reduction after Cody and Waite (1980) with π/2 in three parts; lanes beyond are reduced one by one, see
/// <see cref="HalfPi"/>. The cosine's sum is that of FreeBSD's msun (k_cos.c) by Sun Microsystems.
/// </remarks>
internal static partial class Elementary<TV, T, TS>
{
    private const double VectorReduction = 1 << 20;

    private static (double High, double Middle, double Low) HalfPiParts
    {
        [MethodImpl(AggressiveInlining)]
        get => IsFloat
            ? (1.5707963705062866, -4.371138828673793e-08, -1.7151245100058819e-15)
            : (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33);
    }

    /// <summary>The sine.</summary>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static TV Sin(TV x)
    {
        var quadrant = ReduceByHalfPi(Abs(x), out var r, out var lost);
        return TS.BitXor(OfQuadrant(quadrant, r, lost), SignOf(x));
    }

    /// <summary>The cosine: the sine one quadrant on.</summary>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static TV Cos(TV x)
    {
        var quadrant = ReduceByHalfPi(Abs(x), out var r, out var lost);
        return OfQuadrant(TS.Add(quadrant, Constant(1)), r, lost);
    }

    /// <summary>x = n π/2 + r + lost with |r| ≤ π/4; gives n + <see cref="Rounder"/>, of which the last two bits count.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV ReduceByHalfPi(TV x, out TV r, out TV lost)
    {
        var (high, middle, low) = HalfPiParts;
        var quadrant = TS.MultiplyAdd(x, Constant(0.6366197723675814), Constant(Rounder));
        var n = TS.Subtract(quadrant, Constant(Rounder));
        // n times the high part is subtracted exactly. What is left is a multiple of the product's last place, so r's loss is exact too.
        var first = TS.MultiplyAdd(n, Constant(-high), x);
        var product = TS.Multiply(n, Constant(middle));
        r = TS.Subtract(first, product);
        lost = TS.Subtract(TS.Subtract(first, r), product);
        lost = TS.Subtract(lost, TS.MultiplyAdd(n, Constant(middle), Negate(product)));
        lost = TS.MultiplyAdd(n, Constant(-low), lost);
        if (TS.AnyGreater(x, Constant(VectorReduction)))
        {
            // Copies, so that the JIT may keep the originals in registers.
            TV farQuadrant = quadrant, farR = r, farLost = lost;
            ReduceFarLanes(x, ref farQuadrant, ref farR, ref farLost);
            (quadrant, r, lost) = (farQuadrant, farR, farLost);
        }

        return quadrant;
    }

    [MethodImpl(NoInlining)]
    private static void ReduceFarLanes(TV x, ref TV quadrant, ref TV r, ref TV lost)
    {
        for (var lane = 0; lane < TS.Count; lane++)
        {
            var number = double.CreateTruncating(Lane(ref x, lane));
            if (number > VectorReduction)
            {
                var (n, high, low) = HalfPi.Reduce(number);
                var rounded = T.CreateTruncating(high);
                Lane(ref quadrant, lane) = T.CreateTruncating(Rounder + n);
                Lane(ref r, lane) = rounded;
                Lane(ref lost, lane) = T.CreateTruncating(high - double.CreateTruncating(rounded) + low);
            }
        }
    }

    private static ref T Lane(ref TV x, int lane) => ref Unsafe.Add(ref Unsafe.As<TV, T>(ref x), lane);

    /// <summary>sin r, cos r, −sin r or −cos r for n = 0, 1, 2, 3 modulo 4.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV OfQuadrant(TV quadrant, TV r, TV lost)
    {
        var z = TS.Multiply(r, r);
        var half = TS.Multiply(z, Constant(0.5));
        var sine = TS.MultiplyAdd(TS.Multiply(r, z), SinSeries(z), TS.MultiplyAdd(Negate(lost), half, lost));
        sine = TS.Add(r, sine);
        // 1 − z/2 rounds; what it loses is added back.
        var main = TS.Subtract(Constant(1), half);
        var mainLost = TS.Subtract(TS.Subtract(Constant(1), main), half);
        var cosine = TS.MultiplyAdd(TS.Multiply(z, z), CosSeries(z), TS.MultiplyAdd(Negate(r), lost, mainLost));
        cosine = TS.Add(main, cosine);
        // n's lowest bit, moved to the sign, chooses the function; the next one is the result's sign.
        var odd = TS.BitOr(TS.BitShiftLeft(quadrant, IsFloat ? 31 : 63), Constant(1));
        var sign = TS.BitAnd(TS.BitShiftLeft(quadrant, IsFloat ? 30 : 62), Constant(-0.0));
        return TS.BitXor(TS.IfGreater(Constant(0), odd, cosine, sine), sign);
    }

    /// <summary>(sin r / r − 1) / r² for z = r² ≤ (π/4)²; the sine is then within 0.003 · 2⁻²⁴ or 0.04 · 2⁻⁵³, relatively.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV SinSeries(TV z) => IsFloat
        ? Horner(z, -0.1666666716337204, 0.008333379402756691, -0.00019853064441122115, Constant(2.8325234779913444e-06))
        : Horner(z, -0.1666666666666663, 0.00833333333332184, -0.00019841269829358417, 2.755731353841423e-06,
            Horner(z, -2.5050734360884775e-08, Constant(1.589543075585887e-10)));

    /// <summary>(cos r − 1 + r²/2) / r⁴ for z = r² ≤ (π/4)²; the cosine is then within 0.002 · 2⁻²⁴, or 0.002 · 2⁻⁵³.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV CosSeries(TV z) => IsFloat
        ? Horner(z, 0.04166664555668831, -0.00138873013202101, Constant(2.4430661142105237e-05))
        : Horner(z, 0.0416666666666666, -0.0013888888888874467, 2.4801587289664537e-05, -2.755731439833454e-07,
            Horner(z, 2.0875728837945993e-09, Constant(-1.1359907835337783e-11)));
}
