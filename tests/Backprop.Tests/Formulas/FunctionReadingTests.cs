using Backprop.Formulas;
using Backprop.Kernels;
using Backprop.Tests.Kernels;
using Real = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Tests.Formulas;

/// <summary>Every elementary function in the readings of a formula.</summary>
public class FunctionReadingTests
{
    public static TheoryData<string> Functions => ElementaryTests.Functions;

    /// <summary>The difference quotient is of exact values 2⁻⁴⁰ apart, so its own error is of the order of 2⁻⁸⁰.</summary>
    [Theory, MemberData(nameof(Functions))]
    public void DualNumbersCarryTheDerivative(string name)
    {
        foreach (var x in new[] { 0.03125, 0.375, 1.5, 2.75 }.SelectMany(x => name == "log" ? [x] : new[] { x, -0.25 * x }))
        {
            var h = Math.ScaleB(1, -40);
            var quotient = (Exact.Of(name, x + h) - Exact.Of(name, x - h)).Scaled(39).Approximate();
            var dual = Find(name).Of(Dual<Real>.Variable(x)).Derivative.Vector;
            // A handful of operations, each of them rounded, on numbers up to 1 and the derivative.
            Assert.True(Math.Abs(dual - quotient) <= 8 * 2.2e-16 * Math.Max(1, Math.Abs(quotient)), $"{name}′({x}): "
                + $"dual numbers {dual:R}, exactly {quotient:R}");
        }
    }

    [Theory, MemberData(nameof(Functions))]
    public void TextShowsTheName(string name) => Assert.Equal($"{name}(x)", Find(name).Of(new Text("x")).ToString());

    [Theory, MemberData(nameof(Functions))]
    public void AFunctionReadsItsArgument(string name) => Assert.True(Find(name).Of(Reads.Second).Has(Reads.Second));

    private static ElementaryFunction Find(string name) => ElementaryFunction.All.Single(f => f.Name == name);
}
