using Backprop.Kernels;

namespace Backprop.Tests.Kernels;

/// <summary>The inverse error function, measured by exact values of the error function.</summary>
public class InverseErfTests
{
    [Fact]
    public void ItIsWithinTwoUlps()
    {
        double[] samples = [1e-300, 1e-20, 1e-9, 0.1, 0.3, 0.4999, 0.5, 0.6999, 0.7, 0.7001, 0.9, 0.99, 0.9999, 1 - 1e-9, 1 - 1e-14, Math.BitDecrement(1.0)];
        foreach (var y in samples)
        {
            var x = InverseErf.Of(y);
            // erf x − y over the slope is how far x is off, and y's own digits are exact.
            var difference = (Exact.Of("erf", x) - y).Approximate();
            var off = difference / (2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x));
            Assert.True(Math.Abs(off) <= 2 * (Math.BitIncrement(x) - x), $"erf⁻¹({y:R}): {x:R} is off by {off / (Math.BitIncrement(x) - x):F2} ulp");
            Assert.Equal(-x, InverseErf.Of(-y));
        }
    }

    [Fact]
    public void SpecialValuesAreExact()
    {
        Assert.Equal((0.0, double.PositiveInfinity, double.NegativeInfinity), (InverseErf.Of(0), InverseErf.Of(1), InverseErf.Of(-1)));
        Assert.True(double.IsNegative(InverseErf.Of(-0.0)));
        Assert.True(double.IsNaN(InverseErf.Of(1.5)) && double.IsNaN(InverseErf.Of(double.NaN)));
    }
}
