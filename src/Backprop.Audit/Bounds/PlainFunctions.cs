namespace Backprop.Audit.Bounds;

/// <summary>Elementary functions in double that share nothing with the engine's kernels: the C library's, or written out here.</summary>
internal static class PlainFunctions
{
    private const double OneOverRootPi = 0.56418958354775628695;

    // Cody (1969), Rational Chebyshev approximations for the error function, Mathematics of Computation 23: each pair of polynomials for
    // its part of the axis, highest power first, exact to about 1e-16.
    private static readonly double[] NearNumerator =
        [1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3];
    private static readonly double[] NearDenominator = [1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3];

    private static readonly double[] MiddleNumerator =
    [
        2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
        8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
    ];

    private static readonly double[] MiddleDenominator =
    [
        1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
        3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
    ];

    private static readonly double[] FarNumerator =
        [1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4];

    private static readonly double[] FarDenominator =
        [1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3];

    /// <summary>eˣ − 1: where eˣ rounds, the factor x / log eˣ takes the rounding out again. Kahan, in Higham (2002), section 1.14.1.</summary>
    public static double Expm1(double x)
    {
        var power = Math.Exp(x);
        return power == 1 ? x : power - 1 == -1 || double.IsPositiveInfinity(power) || double.IsNaN(power) ? power - 1 : (power - 1) * (x / Math.Log(power));
    }

    /// <summary>log(1 + x), likewise.</summary>
    public static double Log1p(double x)
    {
        var sum = 1 + x;
        return sum == 1 ? x : sum == 0 || double.IsInfinity(sum) || double.IsNaN(sum) ? Math.Log(sum) : Math.Log(sum) * (x / (sum - 1));
    }

    /// <summary>1 / (1 + e⁻ˣ), of an exponential that does not overflow.</summary>
    public static double Sigmoid(double x)
    {
        var power = Math.Exp(-Math.Abs(x));
        return x >= 0 ? 1 / (1 + power) : power / (1 + power);
    }

    /// <summary>The error function.</summary>
    public static double Erf(double x) => Math.Abs(x) <= 0.46875
        ? x * Polynomial(NearNumerator, x * x) / Polynomial(NearDenominator, x * x)
        : double.IsNaN(x) ? x : Math.Sign(x) * (1 - Tail(Math.Abs(x)));

    /// <summary>1 − erf x, exact in the tail too.</summary>
    public static double Erfc(double x) => Math.Abs(x) <= 0.46875 ? 1 - Erf(x) : double.IsNaN(x) ? x : x > 0 ? Tail(x) : 2 - Tail(-x);

    /// <summary>erfc of numbers above 0.46875.</summary>
    private static double Tail(double x)
    {
        // Beyond, it is below the smallest number.
        if (x > 27.3)
        {
            return 0;
        }

        var inverse = 1 / (x * x);
        var factor = x <= 4
            ? Polynomial(MiddleNumerator, x) / Polynomial(MiddleDenominator, x)
            : (OneOverRootPi - inverse * Polynomial(FarNumerator, inverse) / Polynomial(FarDenominator, inverse)) / x;

        // e^−x² of a square without rounding and the rest: x² itself would round away what the exponential multiplies.
        var coarse = Math.Truncate(x * 16) / 16;
        return Math.Exp(-coarse * coarse) * Math.Exp(-(x - coarse) * (x + coarse)) * factor;
    }

    private static double Polynomial(double[] coefficients, double x)
    {
        var sum = 0.0;
        foreach (var coefficient in coefficients)
        {
            sum = sum * x + coefficient;
        }

        return sum;
    }
}
