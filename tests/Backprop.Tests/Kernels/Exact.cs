using System.Numerics;

namespace Backprop.Tests.Kernels;

/// <summary>The elementary functions to more than 120 bits, by the plainest series there are: slow, and independent of the engine's.</summary>
internal static class Exact
{
    private const int FixedBits = 1600;

    private static readonly BigInteger FixedPi = 4 * (4 * ArcTangentOfInverse(5) - ArcTangentOfInverse(239));

    private static readonly BigReal RootPi = Root(new(FixedPi, -FixedBits));

    /// <summary>The function of that name in the catalogue, at a number for which it is finite or overflows.</summary>
    public static BigReal Of(string function, double x) => function switch
    {
        "exp" => Exp(Bounded(x)),
        "expm1" => Expm1(Bounded(x)),
        "log" => Log(x),
        "log1p" => Log1p(x),
        "sigmoid" => 1 / (1 + Exp(Bounded(-x))),
        "tanh" => Tanh(Bounded(x)),
        "erf" => Erf(x),
        "erfc" => Erfc(x),
        "sin" => Sin(x),
        "cos" => Cos(x),
        _ => throw new ArgumentException($"There is no reference for {function}. Add its series to Exact.cs."),
    };

    // Beyond 2,000 every function of these overflows, underflows or is constant in double precision.
    private static double Bounded(double x) => Math.Clamp(x, -2000, 2000);

    private static BigReal Exp(BigReal x)
    {
        var halvings = Math.Max(x.Exponent + 10, 0);
        var power = 1 + Taylor(x.Scaled(-halvings));
        for (var i = 0; i < halvings; i++)
        {
            power *= power;
        }

        return power;
    }

    private static BigReal Expm1(BigReal x) => x.Exponent < -3 ? Taylor(x) : Exp(x) - 1;

    /// <summary>x + x²/2! + x³/3! + …</summary>
    private static BigReal Taylor(BigReal x) => Sum(x, (term, n) => term * x / (n + 1));

    /// <summary>An estimate y, and log(x e⁻ʸ) by its series.</summary>
    private static BigReal Log(BigReal x)
    {
        BigReal estimate = Math.Log(x.Scaled(-x.Exponent).Approximate()) + x.Exponent * 0.6931471805599453;
        return estimate + LogSeries(x * Exp(-estimate) - 1);
    }

    private static BigReal Log1p(BigReal x) => x.Exponent < -3 ? LogSeries(x) : Log(1 + x);

    /// <summary>d − d²/2 + d³/3 − …</summary>
    private static BigReal LogSeries(BigReal d)
    {
        var (power, sum) = (d, d);
        for (var n = 2; power.Sign != 0 && power.Exponent > sum.Exponent - BigReal.Precision; n++)
        {
            power *= -d;
            sum += power / n;
        }

        return sum;
    }

    private static BigReal Tanh(BigReal x)
    {
        var e = Expm1(x.Scaled(1));
        return e / (e + 2);
    }

    /// <summary>Abramowitz and Stegun, 7.1.6: 2/√π e^−x² Σ 2ⁿ x^(2n + 1) / (1 · 3 · … · (2n + 1)).</summary>
    private static BigReal Erf(double x)
    {
        if (Math.Abs(x) >= 2)
        {
            return x > 0 ? 1 - Erfc(x) : Erfc(-x) - 1;
        }

        var square = (BigReal)x * x;
        return Sum(x, (term, n) => term * square * 2 / (2 * n + 1)) * Exp(-square) * 2 / RootPi;
    }

    /// <summary>Abramowitz and Stegun, 7.1.14: the continued fraction, with as many levels as 2⁻¹²⁰ needs from 2 on.</summary>
    private static BigReal Erfc(double x)
    {
        if (x < 2)
        {
            return x <= -2 ? 2 - Erfc(-x) : 1 - Erf(x);
        }

        x = Math.Min(x, 40);
        BigReal fraction = x;
        for (var n = (int)(60 + 1600 / (x * x)); n > 0; n--)
        {
            fraction = x + (BigReal)n / (2 * fraction);
        }

        return Exp(-((BigReal)x * x)) / (RootPi * fraction);
    }

    private static BigReal Sin(double x)
    {
        var (quadrant, r) = ReduceByHalfPi(x);
        return OfQuadrant(quadrant, r);
    }

    private static BigReal Cos(double x)
    {
        var (quadrant, r) = ReduceByHalfPi(x);
        return OfQuadrant(quadrant + 1, r);
    }

    private static BigReal OfQuadrant(int quadrant, BigReal r)
    {
        var square = -(r * r);
        var y = quadrant % 2 == 0
            ? Sum(r, (term, n) => term * square / (2 * n * (2 * n + 1)))
            : Sum(1, (term, n) => term * square / (2 * n * (2 * n - 1)));
        return (quadrant & 2) == 0 ? y : -y;
    }

    private static (int Quadrant, BigReal R) ReduceByHalfPi(double x)
    {
        var number = BitConverter.DoubleToUInt64Bits(Math.Abs(x));
        var exponent = Math.Max((int)(number >> 52), 1);
        var mantissa = (BigInteger)(number & 0xF_FFFF_FFFF_FFFF) + (exponent == 1 ? 0 : BigInteger.One << 52);
        if (Math.Abs(x) < 0.5)
        {
            return (0, x);
        }

        var scaled = mantissa << (FixedBits + exponent - 1075);
        var halfPi = FixedPi >> 1;
        var n = (scaled + (halfPi >> 1)) / halfPi;
        var rest = new BigReal(scaled - n * halfPi, -FixedBits);
        var quadrant = (int)(n % 4);
        return x < 0 ? ((4 - quadrant) % 4, -rest) : (quadrant, rest);
    }

    /// <summary>first + next(first, 1) + …, until a term no longer counts.</summary>
    private static BigReal Sum(BigReal first, Func<BigReal, int, BigReal> next)
    {
        var (term, sum) = (first, first);
        for (var n = 1; term.Sign != 0 && term.Exponent > sum.Exponent - BigReal.Precision; n++)
        {
            term = next(term, n);
            sum += term;
        }

        return sum;
    }

    private static BigReal Root(BigReal x)
    {
        BigReal root = Math.Sqrt(x.Approximate());
        for (var i = 0; i < 5; i++)
        {
            root = (root + x / root).Scaled(-1);
        }

        return root;
    }

    private static BigInteger ArcTangentOfInverse(int n)
    {
        var power = (BigInteger.One << FixedBits) / n;
        var sum = power;
        for (var k = 3; !power.IsZero; k += 2)
        {
            power /= -n * n;
            sum += power / k;
        }

        return sum;
    }
}
