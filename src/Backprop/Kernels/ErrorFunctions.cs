using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>erf and its complement erfc, which keeps its relative accuracy down to the smallest number.</summary>
/// <remarks>
/// Near 0, erf x = x + x y(x²). Above 1, erf x = 1 − e^−q(x). Above 1/2, erfc x = e^−x² P(t) / (1 + 2x) with t = (x − k) / (x + k), where P
/// is nearly constant; source: Shepherd and Laframboise, Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x &lt; ∞, Mathematics of
/// Computation 36 (1981).
/// </remarks>
internal static partial class Elementary<TV, T, TS>
{
    /// <summary>The error function.</summary>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static TV Erf(TV x)
    {
        var size = Abs(x);
        var small = TS.MultiplyAdd(size, ErfSeries(TS.Multiply(x, x)), size);
        // Beyond the bound the result is 1.
        var bound = Constant(IsFloat ? 4 : 6);
        var a = TS.IfGreater(size, bound, bound, size);
        var (start, slope) = (Constant(IsFloat ? -0.00018846563762053847 : 4.997881583861372e-07), MinusLogErfcSlope(a));
        var q = TS.MultiplyAdd(a, slope, start);
        var qLost = TS.Add(TS.MultiplyAdd(a, slope, Negate(q)), start);
        var shifted = Reduce(Negate(q), out _, out _, out var r);
        var large = TS.Subtract(Constant(1), TS.Multiply(ExpOfReduced(TS.Subtract(r, qLost)), PowerOfTwo(shifted)));
        return TS.BitOr(TS.IfGreater(Constant(1), size, small, large), SignOf(x));
    }

    /// <summary>1 − erf x.</summary>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static TV Erfc(TV x)
    {
        // Near 1/2 the small result must not come from 1 less a rounded number: there x is taken from 1/2, exactly.
        var half = TS.IfGreater(x, Constant(0.25), Constant(0.5), Constant(0));
        var small = TS.MultiplyAdd(Negate(x), ErfSeries(TS.Multiply(x, x)), TS.Subtract(half, x));
        small = TS.Add(TS.Subtract(Constant(1), half), small);
        var size = Abs(x);
        var tail = ErfcTail(size);
        var large = TS.IfGreater(Constant(0), x, TS.Subtract(Constant(2), tail), tail);
        return TS.IfGreater(Constant(0.5), size, small, large);
    }

    /// <summary>erf x / x − 1 for z = x² ≤ 1; erf is then within 0.03 · 2⁻²⁴ or 0.16 · 2⁻⁵³, relatively.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV ErfSeries(TV z) => IsFloat
        ? Horner(z, 0.12837916612625122, -0.3761262595653534, 0.11283578723669052, -0.026853347197175026,
            Horner(z, 0.005187164060771465, -0.0007997880456969142, Constant(7.807026850059628e-05)))
        : Horner(z, 0.1283791670955126, -0.376126389031841, 0.11283791670971087, -0.02686617064802747,
            Horner(z, 0.005223977652647821, -0.0008548328533134751, 0.00012055386110358417, -1.4926880267222479e-05,
                Horner(z, 1.6481060197390958e-06, -1.655744442757395e-07, 1.6017919175548282e-08, -1.6494841164222384e-09,
                    Constant(1.441786431578e-10))));

    /// <summary>The slope of q(x) = −log erfc x for 1 ≤ x ≤ 4 in float, 6 in double; erf is then within 0.07 · 2⁻²⁴ or 0.12 · 2⁻⁵³, relatively.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV MinusLogErfcSlope(TV x) => IsFloat
        ? Horner(x, 1.1295802593231201, 0.6332164406776428, 0.10842207819223404, -0.02521032840013504,
            Horner(x, 0.004205280914902687, -0.0004414719296619296, Constant(2.169755862269085e-05)))
        : Horner(x, 1.1283741178546416, 0.6366435059446257, 0.10270376365921745, -0.018990772741654956,
            Horner(x, -0.00040983084088104185, 0.0019151320835952919, -0.000770003716587109, 0.00013465515623915512,
                Horner(x, 2.0459233953116098e-05, -2.289648371867291e-05, 8.689444131495249e-06, -2.140872602106076e-06,
                    Horner(x, 3.7422108294803033e-07, -4.654167912042213e-08, 3.944861850595219e-09, -2.0507917074620416e-10,
                        Constant(4.943488424300285e-12)))));

    /// <summary>erfc x for x ≥ 1/2.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV ErfcTail(TV x)
    {
        // Beyond the bound the result is 0.
        var bound = Constant(IsFloat ? 10.3 : 27.3);
        x = TS.IfGreater(x, bound, bound, x);

        // e^−x² = 2ⁿ (1 + r + tail), the tail with what x² and r lose: dozens of ulps.
        var square = TS.Multiply(x, x);
        var squareLost = TS.MultiplyAdd(x, x, Negate(square));
        var shifted = Reduce(Negate(square), out var n, out var high, out var r);
        var lost = TS.Subtract(TS.MultiplyAdd(n, Constant(-Ln2.Low), TS.Subtract(high, r)), squareLost);
        var curve = TS.Multiply(TS.Multiply(r, r), ExpSeries(r));
        var tail = TS.Add(curve, TS.MultiplyAdd(lost, TS.Add(r, curve), lost));

        // P(t) and 1 + 2x with what they lose; k is such that P(0) is a floating-point number to within a hundredth of an ulp.
        var k = Constant(IsFloat ? 2.271484375 : 2.85546875);
        var t = TS.Divide(TS.Subtract(x, k), TS.Add(x, k));
        var (start, slope) = (Constant(IsFloat ? 1.2704530954360962 : 1.256324638396773), ErfcSlope(t));
        var p = TS.MultiplyAdd(t, slope, start);
        var pLost = TS.MultiplyAdd(t, slope, TS.Subtract(start, p));
        var divisor = TS.MultiplyAdd(x, Constant(2), Constant(1));
        var divisorLost = TS.Subtract(Constant(1), TS.MultiplyAdd(x, Constant(-2), divisor));

        // The quotient and what it loses: the remainder over the divisor, which is P / quotient with P nearly 1.2.
        var quotient = TS.Divide(p, divisor);
        var remainder = TS.Add(TS.MultiplyAdd(Negate(quotient), divisor, p), pLost);
        var quotientLost = TS.Multiply(TS.MultiplyAdd(Negate(quotient), divisorLost, remainder), TS.Multiply(quotient, Constant(0.83)));

        // Their product: quotient (1 + r) exactly in two parts, then the tails.
        var product = TS.MultiplyAdd(quotient, r, quotient);
        var productLost = TS.MultiplyAdd(quotient, r, TS.Subtract(quotient, product));
        var rest = TS.Add(TS.MultiplyAdd(quotientLost, r, quotientLost), productLost);
        return Scale(TS.Add(product, TS.MultiplyAdd(quotient, tail, rest)), shifted, n);
    }

    /// <summary>(P(t) − P(0)) / t for x ≥ 1/2; P is then within 0.14 · 2⁻²⁴ or 0.25 · 2⁻⁵³, relatively.</summary>
    [MethodImpl(AggressiveInlining)]
    private static TV ErfcSlope(TV t) => IsFloat
        ? Horner(t, -0.11148478090763092, -0.12790027260780334, 0.16488616168498993, -0.08518663793802261,
            Horner(t, 0.013261321932077408, 0.007656975649297237, -0.0028586287517100573, -0.0008832895546220243, Constant(0.00039701664354652166)))
        : Horner(t, -0.13294782130382296, -0.06082024251235208, 0.138664127547071, -0.11723383436870849,
            Horner(t, 0.05955521950936761, -0.01600085323513764, -0.0008195732311280142, 0.0021447332260212597,
                Horner(t, -0.0003231972443518754, -0.00025705186185032635, 7.117261504366326e-05, 3.8123700194870184e-05,
                    Horner(t, -1.1826200907761281e-05, -7.200812094242667e-06, 1.6160730074108771e-06, 1.542010078767315e-06,
                        Horner(t, -1.2919000210417819e-07, -3.1430394250132255e-07, -5.2978275145213775e-09, Constant(4.361055305718165e-08))))));
}
