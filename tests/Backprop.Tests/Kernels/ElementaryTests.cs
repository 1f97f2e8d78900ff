using System.Numerics;
using System.Runtime.Intrinsics;
using Backprop.Kernels;
using Backprop.Models;

namespace Backprop.Tests.Kernels;

/// <summary>Our exp, log, log1p and tanh: accurate, right at the special values, and the same bits at every width.</summary>
public class ElementaryTests
{
    public static TheoryData<string> Functions => ["exp", "log", "log1p", "tanh"];

    [Theory, MemberData(nameof(Functions))]
    public void FloatIsWithinOneUlp(string function)
    {
        var (worst, at) = (0.0, 0f);
        foreach (var x in Floats())
        {
            var exact = Platform(function, x);
            var ours = Ours<float, float, Simd1<float>>(function, x);
            if (double.IsNaN(exact) || Math.Abs(exact) > float.MaxValue || exact == 0)
            {
                Assert.True(((float)exact).Equals(ours), $"{function}({x:R}): {ours:R} instead of {(float)exact:R}");
                continue;
            }

            var error = Math.Abs(ours - exact) / (MathF.BitIncrement((float)Math.Abs(exact)) - MathF.Abs((float)exact));
            (worst, at) = error > worst ? (error, x) : (worst, at);
        }

        Assert.True(worst <= 1, $"{function}({at:R}) is off by {worst:F2} ulp");
    }

    [Theory, MemberData(nameof(Functions))]
    public void DoubleIsWithinThreeUlpOfThePlatform(string function)
    {
        // Ours is meant to be within 2 ulp, and the platform's own is within 1.
        foreach (var x in Floats().Select(x => x * 1.000000001))
        {
            var (theirs, ours) = (Platform(function, x), Ours<double, double, Simd1<double>>(function, x));
            var bound = 3 * (Math.BitIncrement(Math.Abs(theirs)) - Math.Abs(theirs));
            Assert.True(theirs.Equals(ours) || Math.Abs(theirs - ours) <= bound, $"{function}({x:R}): ours {ours:R}, theirs {theirs:R}");
        }
    }

    [Theory, MemberData(nameof(Functions))]
    public void EveryWidthGivesTheSameBits(string function)
    {
        var floats = Floats().Concat([float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, -0f]).Chunk(16).Where(c => c.Length == 16);
        foreach (var x in floats)
        {
            var expected = Array.ConvertAll(x, v => Ours<float, float, Simd1<float>>(function, v));
            Assert.Equal(expected, Run<Vector512<float>, Simd512<float>>(function, x));
            Assert.Equal(expected, Run<Vector256<float>, Simd256<float>>(function, x));
            Assert.Equal(expected, Run<Vector128<float>, Simd128<float>>(function, x));
            var wide = Array.ConvertAll(x, v => v * 1.000000001);
            var expectedWide = Array.ConvertAll(wide, v => Ours<double, double, Simd1<double>>(function, v));
            Assert.Equal(expectedWide, Run<Vector512<double>, Simd512<double>>(function, wide));
            Assert.Equal(expectedWide, Run<Vector256<double>, Simd256<double>>(function, wide));
            Assert.Equal(expectedWide, Run<Vector128<double>, Simd128<double>>(function, wide));
        }
    }

    [Fact]
    public void ZerosKeepTheirSign()
    {
        Assert.True(float.IsNegative(Ours<float, float, Simd1<float>>("tanh", -0f)));
        Assert.True(float.IsNegative(Ours<float, float, Simd1<float>>("log1p", -0f)));
        Assert.Equal(float.NegativeInfinity, Ours<float, float, Simd1<float>>("log", -0f));
    }

    private static IEnumerable<float> Floats()
    {
        var random = new TorchRandom(5);
        var uniform = new float[20_000];
        random.FillUniform<float>(uniform, -1, 1);
        // Random bit patterns reach every exponent, denormals, infinities and NaN; the others lie where rounding is hard.
        return Enumerable.Range(0, 60_000).Select(_ => BitConverter.UInt32BitsToSingle(random.NextUInt32()))
            .Concat(uniform).Concat(uniform.Select(x => x * 20)).Concat(uniform.Select(x => x * 105)).Concat(uniform.Select(x => 1 + x * 1e-3f));
    }

    private static double Platform(string function, double x) => function switch
    {
        "exp" => Math.Exp(x),
        "log" => Math.Log(x),
        "log1p" => Log1p(x),
        _ => Math.Tanh(x),
    };

    // The platform has no accurate log1p. With u = 1 + x, log u − (u − 1 − x) / u is one; near 0 its series is another.
    private static double Log1p(double x)
    {
        var u = 1 + x;
        return Math.Abs(x) < 1e-5 ? x - x * x / 2 + x * x * x / 3 : u <= 0 || !double.IsFinite(x) ? Math.Log(u) : Math.Log(u) - (u - 1 - x) / u;
    }

    private static T Ours<T, TV, TS>(string function, TV x) where T : unmanaged, IFloatingPointIeee754<T> where TS : struct, ISimd<TV, T>
    {
        var result = new T[1];
        TS.Store(Apply<T, TV, TS>(function, x), ref result[0]);
        return result[0];
    }

    private static float[] Run<TV, TS>(string function, float[] x) where TS : struct, ISimd<TV, float> => Run<float, TV, TS>(function, x);

    private static double[] Run<TV, TS>(string function, double[] x) where TS : struct, ISimd<TV, double> => Run<double, TV, TS>(function, x);

    private static T[] Run<T, TV, TS>(string function, T[] x) where T : unmanaged, IFloatingPointIeee754<T> where TS : struct, ISimd<TV, T>
    {
        var y = new T[x.Length];
        for (var i = 0; i < x.Length; i += TS.Count)
        {
            TS.Store(Apply<T, TV, TS>(function, TS.Load(ref x[i])), ref y[i]);
        }

        return y;
    }

    private static TV Apply<T, TV, TS>(string function, TV x) where T : unmanaged, IFloatingPointIeee754<T> where TS : struct, ISimd<TV, T>
        => function switch
        {
            "exp" => Elementary<TV, T, TS>.Exp(x),
            "log" => Elementary<TV, T, TS>.Log(x),
            "log1p" => Elementary<TV, T, TS>.Log1p(x),
            _ => Elementary<TV, T, TS>.Tanh(x),
        };
}
