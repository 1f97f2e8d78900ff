using System.Numerics;

namespace Backprop.Tests.Kernels;

/// <summary>A binary floating-point number of 256 bits, truncated after every operation: what the engine's functions are measured against.</summary>
internal readonly record struct BigReal
{
    /// <summary>Bits kept.</summary>
    public const int Precision = 256;

    private readonly BigInteger mantissa;
    private readonly int exponent;

    /// <summary>mantissa · 2^exponent.</summary>
    public BigReal(BigInteger mantissa, int exponent)
    {
        var excess = (int)mantissa.GetBitLength() - Precision;
        (this.mantissa, this.exponent) = excess > 0 ? (mantissa >> excess, exponent + excess) : (mantissa, exponent);
    }

    public int Sign => mantissa.Sign;

    /// <summary>The exponent e of 2^e ≤ |x| &lt; 2^(e + 1).</summary>
    public int Exponent => (int)BigInteger.Abs(mantissa).GetBitLength() - 1 + exponent;

    public static implicit operator BigReal(double x)
    {
        var bits = BitConverter.DoubleToUInt64Bits(Math.Abs(x));
        var (fraction, biased) = ((long)(bits & 0xF_FFFF_FFFF_FFFF), (int)(bits >> 52));
        var magnitude = biased == 0 ? fraction : fraction | 1L << 52;
        return new(x < 0 ? -magnitude : magnitude, Math.Max(biased, 1) - 1075);
    }

    public static BigReal operator -(BigReal x) => new(-x.mantissa, x.exponent);

    public static BigReal operator +(BigReal a, BigReal b)
    {
        if (a.mantissa.IsZero || b.mantissa.IsZero)
        {
            return a.mantissa.IsZero ? b : a;
        }

        // A number that is too small to change the other is left out.
        var (high, low) = a.Exponent >= b.Exponent ? (a, b) : (b, a);
        if (high.Exponent - low.Exponent > 2 * Precision)
        {
            return high;
        }

        var least = Math.Min(a.exponent, b.exponent);
        return new((a.mantissa << (a.exponent - least)) + (b.mantissa << (b.exponent - least)), least);
    }

    public static BigReal operator -(BigReal a, BigReal b) => a + -b;

    public static BigReal operator *(BigReal a, BigReal b) => new(a.mantissa * b.mantissa, a.exponent + b.exponent);

    public static BigReal operator /(BigReal a, BigReal b)
    {
        var shift = 2 * Precision + (int)b.mantissa.GetBitLength() - (int)a.mantissa.GetBitLength();
        shift = Math.Max(shift, 0);
        return new((a.mantissa << shift) / b.mantissa, a.exponent - b.exponent - shift);
    }

    /// <summary>This times 2^power.</summary>
    public BigReal Scaled(int power) => new(mantissa, exponent + power);

    /// <summary>The nearest double or a neighbour; for starting values and for reports.</summary>
    public double Approximate()
    {
        var shift = Math.Max((int)BigInteger.Abs(mantissa).GetBitLength() - 60, 0);
        return Math.ScaleB((double)(mantissa >> shift), exponent + shift);
    }

    /// <summary>How far a number is from this one, in units of this one's last place as a float or double.</summary>
    /// <param name="number">The number.</param>
    /// <param name="bits">The format's digits: 24 or 53.</param>
    /// <param name="leastExponent">The smallest normal number's exponent: −126 or −1022.</param>
    public double Ulps(double number, int bits, int leastExponent)
    {
        // Beyond half an ulp above the largest number, infinity is right.
        var largest = bits == 24 ? float.MaxValue : double.MaxValue;
        if (double.IsInfinity(number))
        {
            var limit = new BigReal((BigInteger.One << (bits + 1)) - 1, -leastExponent + 1 - bits);
            return double.IsPositive(number) == Sign > 0 && ((Sign > 0 ? this : -this) - limit).Sign >= 0 ? 0 : double.PositiveInfinity;
        }

        var difference = number - this;
        return double.IsNaN(number) || Math.Abs(number) > largest
            ? double.PositiveInfinity
            : Math.Abs(difference.Scaled(bits - 1 - Math.Max(Exponent, leastExponent)).Approximate());
    }
}
