using System.Globalization;
using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Tests.Kernels;

/// <summary>Our elementary functions: accurate, right at the special values, and the same bits at every width.</summary>
public class ElementaryTests
{
    public static TheoryData<string> Functions => [.. ElementaryFunction.All.Select(f => f.Name)];

    /// <summary>A function, a number, and the result in every precision.</summary>
    public static TheoryData<string, double, double> SpecialValues => new()
    {
        { "exp", 0, 1 }, { "exp", double.PositiveInfinity, double.PositiveInfinity }, { "exp", double.NegativeInfinity, 0 },
        { "expm1", 0, 0 }, { "expm1", -0.0, -0.0 }, { "expm1", double.PositiveInfinity, double.PositiveInfinity },
        { "expm1", double.NegativeInfinity, -1 },
        { "log", 0, double.NegativeInfinity }, { "log", -0.0, double.NegativeInfinity }, { "log", 1, 0 }, { "log", -1, double.NaN },
        { "log", double.PositiveInfinity, double.PositiveInfinity }, { "log", double.NegativeInfinity, double.NaN },
        { "log1p", 0, 0 }, { "log1p", -0.0, -0.0 }, { "log1p", -1, double.NegativeInfinity }, { "log1p", -2, double.NaN },
        { "log1p", double.PositiveInfinity, double.PositiveInfinity }, { "log1p", double.NegativeInfinity, double.NaN },
        { "sigmoid", 0, 0.5 }, { "sigmoid", -0.0, 0.5 }, { "sigmoid", double.PositiveInfinity, 1 }, { "sigmoid", double.NegativeInfinity, 0 },
        { "tanh", 0, 0 }, { "tanh", -0.0, -0.0 }, { "tanh", double.PositiveInfinity, 1 }, { "tanh", double.NegativeInfinity, -1 },
        { "erf", 0, 0 }, { "erf", -0.0, -0.0 }, { "erf", double.PositiveInfinity, 1 }, { "erf", double.NegativeInfinity, -1 },
        { "erfc", 0, 1 }, { "erfc", -0.0, 1 }, { "erfc", double.PositiveInfinity, 0 }, { "erfc", double.NegativeInfinity, 2 },
        { "sin", 0, 0 }, { "sin", -0.0, -0.0 }, { "sin", double.PositiveInfinity, double.NaN }, { "sin", double.NegativeInfinity, double.NaN },
        { "cos", 0, 1 }, { "cos", -0.0, 1 }, { "cos", double.PositiveInfinity, double.NaN }, { "cos", double.NegativeInfinity, double.NaN },
    };

    [Theory, MemberData(nameof(SpecialValues))]
    public void SpecialValuesAreExact(string function, double x, double expected)
    {
        Assert.Equal(Bits(expected), Bits(Run<double>(function, 512, x)[0]));
        Assert.Equal(Bits(expected), Bits(Run(function, 512, (float)x)[0]));
    }

    [Theory, MemberData(nameof(Functions))]
    public void NaNStaysNaN(string function)
    {
        Assert.True(double.IsNaN(Run(function, 512, double.NaN)[0]));
        Assert.True(float.IsNaN(Run(function, 512, float.NaN)[0]));
    }

    [Theory]
    [InlineData("expm1")]
    [InlineData("log1p")]
    [InlineData("tanh")]
    [InlineData("sin")]
    public void TheSmallestNumbersAreTheirOwnResult(string function)
    {
        Assert.Equal([float.Epsilon, -float.Epsilon, 7 * float.Epsilon], Run(function, 512, float.Epsilon, -float.Epsilon, 7 * float.Epsilon)[..3]);
        Assert.Equal([double.Epsilon, -double.Epsilon, 7 * double.Epsilon], Run(function, 512, double.Epsilon, -double.Epsilon, 7 * double.Epsilon)[..3]);
    }

    [Theory, MemberData(nameof(Functions))]
    public void DoubleIsWithinItsUlps(string function) => Measure(function, [.. Samples.Doubles(150)], 53, -1022, 1.1);

    [Theory, MemberData(nameof(Functions))]
    public void FloatIsWithinOneUlp(string function) => Measure(function, [.. Samples.Floats(150)], 24, -126, 1);

    /// <summary>Many more points than the exact reference has time for; the double function is within 2 of its ulps, 4e-9 of a float's.</summary>
    [Theory, MemberData(nameof(Functions))]
    public void FloatIsWithinOneUlpOfDouble(string function)
    {
        float[] x = [.. Samples.Floats(20_000)];
        var worst = FloatError.Worst(x, Run(function, 512, x), Run(function, 512, Array.ConvertAll(x, v => (double)v)));
        Assert.True(worst.Ulps <= 1, $"{function}({worst.X:R}): {worst.Ours:R} instead of {worst.Exact:R}, {worst.Ulps:F3} ulp");
    }

    [Theory, MemberData(nameof(Functions))]
    public void EveryWidthGivesTheSameBits(string function)
    {
        float[] floats = [.. Samples.Floats(4000)];
        double[] doubles = [.. Samples.Doubles(4000)];
        var (expected, expectedWide) = (Run(function, 0, floats), Run(function, 0, doubles));
        foreach (var bits in new[] { 128, 256, 512 })
        {
            SameBits.Assert<float>(expected, Run(function, bits, floats), $"{function} at {bits} bits");
            SameBits.Assert<double>(expectedWide, Run(function, bits, doubles), $"{function} at {bits} bits");
        }
    }

    private static void Measure<T>(string function, T[] x, int bits, int leastExponent, double bound) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var y = Run(function, 512, x);
        for (var i = 0; i < x.Length; i++)
        {
            var (number, ours) = (double.CreateTruncating(x[i]), double.CreateTruncating(y[i]));
            if (!double.IsFinite(number) || double.IsNaN(ours) || number == 0 || double.IsInfinity(ours) && function.StartsWith("log", StringComparison.Ordinal))
            {
                Assert.True(!double.IsNaN(ours) || double.IsNaN(number) || OutsideDomain(function, number), $"{function}({number:R}) is NaN");
                continue;
            }

            var exact = Exact.Of(function, number);
            var error = exact.Ulps(ours, bits, leastExponent);
            Assert.True(
                error <= bound,
                string.Create(CultureInfo.InvariantCulture, $"{function}({number:R}): ours {ours:R}, exactly {exact.Approximate():R}, {error:F3} ulp"));
        }
    }

    private static bool OutsideDomain(string function, double x) => function switch
    {
        "log" => x < 0,
        "log1p" => x < -1,
        "sin" or "cos" => double.IsInfinity(x),
        _ => false,
    };

    private static T[] Run<T>(string function, int bits, params T[] x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (padded, y) = (new T[(x.Length + 15) / 16 * 16], new T[(x.Length + 15) / 16 * 16]);
        x.CopyTo(padded, 0);
        ElementaryFunction.All.Single(f => f.Name == function).Apply(Kernels<T>.Of(bits), padded, y);
        return y[..x.Length];
    }

    private static long Bits(double x) => double.IsNaN(x) ? long.MaxValue : BitConverter.DoubleToInt64Bits(x);
}
