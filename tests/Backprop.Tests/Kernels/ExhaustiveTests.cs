using Backprop.Kernels;
using Xunit.Abstractions;

namespace Backprop.Tests.Kernels;

/// <summary>Every float there is, through every elementary function.</summary>
public class ExhaustiveTests(ITestOutputHelper output)
{
    private const int Block = 4096;

    /// <summary>The reference is the double function, which is within 2 of its own ulps: 4e-9 of a float's.</summary>
    [ExhaustiveTheory, MemberData(nameof(ElementaryTests.Functions), MemberType = typeof(ElementaryTests))]
    public void EveryFloatIsWithinOneUlp(string function)
    {
        var f = ElementaryFunction.All.Single(f => f.Name == function);
        var gate = new Lock();
        FloatError worst = default;
        Parallel.For(0, 256, high =>
        {
            var (single, wide) = (Kernels<float>.Of(null), Kernels<double>.Of(null));
            var (x, y, xWide, yWide) = (new float[Block], new float[Block], new double[Block], new double[Block]);
            for (var low = 0; low < 1 << 24; low += Block)
            {
                for (var i = 0; i < Block; i++)
                {
                    xWide[i] = x[i] = BitConverter.Int32BitsToSingle(high << 24 | low + i);
                }

                f.Apply(single, x, y);
                f.Apply(wide, xWide, yWide);
                var error = FloatError.Worst(x, y, yWide);
                lock (gate)
                {
                    worst = error.Ulps > worst.Ulps ? error : worst;
                }
            }
        });

        output.WriteLine($"{function}: at worst {worst.Ulps:F4} ulp, at {worst.X:R}");
        Assert.True(worst.Ulps <= 1, $"{function}({worst.X:R}): {worst.Ours:R} instead of {worst.Exact:R}, {worst.Ulps:F4} ulp");
    }

    /// <summary>A theory over all 2³² floats: minutes of work, so skipped, visibly, unless asked for.</summary>
    private sealed class ExhaustiveTheoryAttribute : TheoryAttribute
    {
        public ExhaustiveTheoryAttribute() => Skip = Environment.GetEnvironmentVariable("BACKPROP_EXHAUSTIVE") == "1"
            ? null
            : "All 2^32 floats take minutes. Set BACKPROP_EXHAUSTIVE=1 to run them.";
    }
}
