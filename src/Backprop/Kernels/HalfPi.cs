namespace Backprop.Kernels;

/// <summary>Reduces large arguments of sin and cos by π/2 exactly, in integers.</summary>
/// <remarks>Source: Payne and Hanek, Radian reduction for trigonometric functions, SIGNUM Newsletter 18 (1983).</remarks>
internal static class HalfPi
{
    private const double High = 1.5707963267948966;

    private const double Low = 6.123233995736766e-17;

    /// <summary>64 zeros, then the first 1,216 bits of 2/π: enough for the largest double.</summary>
    private static ReadOnlySpan<ulong> Inverse =>
    [
        0,
        0xA2F9836E4E441529, 0xFC2757D1F534DDC0, 0xDB6295993C439041, 0xFE5163ABDEBBC561, 0xB7246E3A424DD2E0,
        0x06492EEA09D1921C, 0xFE1DEB1CB129A73E, 0xE88235F52EBB4484, 0xE99C7026B45F7E41, 0x3991D639835339F4,
        0x9C845F8BBDF9283B, 0x1FF897FFDE05980F, 0xEF2F118B5A0A6D1F, 0x6D367ECF27CB09B7, 0x4F463F669E5FEA2D,
        0x7527BAC7EBE5F17B, 0x3D0739F78A5292EA, 0x6BFB5FB11F8D5D08, 0x56033046FC7B6BAB,
    ];

    /// <summary>x = n π/2 + high + low with |high| ≤ π/4; gives n modulo 4.</summary>
    /// <param name="x">Above 2²⁰; infinity and NaN give NaN.</param>
    public static (int N, double High, double Low) Reduce(double x)
    {
        if (!double.IsFinite(x))
        {
            return (0, double.NaN, 0);
        }

        // x = mantissa · 2^exponent. Bits of 2/π worth a multiple of 4 times 2^−exponent do not count: the window begins behind them.
        var bits = BitConverter.DoubleToUInt64Bits(x);
        var mantissa = (bits & 0x000FFFFF_FFFFFFFF) | 0x00100000_00000000;
        var exponent = (int)(bits >> 52) - 1075;
        var start = exponent + 62;
        // The product modulo 2¹⁹² in units of 2⁻¹⁹⁰: two bits of n, then the fraction. No double comes nearer to a multiple of π/2 than
        // 2⁻⁶² or so, and the fraction's 128 leading bits leave 66 of what is then left.
        var low = Math.BigMul(mantissa, Window(start + 128));
        var middle = Math.BigMul(mantissa, Window(start + 64)) + (low >> 64);
        var top = mantissa * Window(start) + (ulong)(middle >> 64);
        var n = (int)(top >> 62);
        var fraction = new UInt128(top << 2 | (ulong)middle >> 62, (ulong)middle << 2 | (ulong)low >> 62);
        // To the nearest n: a fraction above one half counts from the next.
        var negative = fraction >> 127 != 0;
        var (high, rest) = Split(negative ? UInt128.Zero - fraction : fraction);
        var product = high * High;
        var lost = double.FusedMultiplyAdd(high, High, -product) + (high * Low + rest * High);
        return negative ? ((n + 1) & 3, -product, -lost) : (n, product, lost);
    }

    /// <summary>64 bits of <see cref="Inverse"/>.</summary>
    private static ulong Window(int start)
    {
        var (word, shift) = (start >> 6, start & 63);
        return shift == 0 ? Inverse[word] : Inverse[word] << shift | Inverse[word + 1] >> (64 - shift);
    }

    /// <summary>fraction · 2⁻¹²⁸ as a number of 53 bits and one of what is left.</summary>
    private static (double High, double Low) Split(UInt128 fraction)
    {
        var zeros = (int)UInt128.LeadingZeroCount(fraction);
        var aligned = fraction << zeros;
        var unit = BitConverter.UInt64BitsToDouble((ulong)(1023 - 53 - zeros) << 52);
        return ((ulong)(aligned >> 75) * unit, (ulong)(aligned >> 22 & 0x001FFFFF_FFFFFFFF) * (unit * 1.1102230246251565e-16));
    }
}
