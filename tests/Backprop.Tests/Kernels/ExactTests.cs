namespace Backprop.Tests.Kernels;

/// <summary>The reference against published values.</summary>
public class ExactTests
{
    /// <summary>
    /// Sources: Abramowitz and Stegun, tables 1.1, 4.4 and 7.1; DLMF 4.2; Ng, Good to the last bit (1992), for the large arguments; the digits
    /// rounded to double.
    /// </summary>
    [Theory]
    [InlineData("exp", 1, 2.7182818284590452354)]
    [InlineData("exp", -1, 0.36787944117144232160)]
    [InlineData("expm1", 1e-10, 1.00000000005000000000e-10)]
    [InlineData("log", 2, 0.69314718055994530942)]
    [InlineData("log", 10, 2.30258509299404568402)]
    [InlineData("log1p", 1, 0.69314718055994530942)]
    [InlineData("tanh", 1, 0.76159415595576488812)]
    [InlineData("erf", 0.5, 0.52049987781304653768)]
    [InlineData("erf", 1, 0.84270079294971486934)]
    [InlineData("erf", -2, -0.99532226501895273416)]
    [InlineData("erfc", 2, 0.00467773498104726584)]
    [InlineData("erfc", 10, 2.0884875837625447570e-45)]
    [InlineData("erfc", -1, 1.84270079294971486934)]
    [InlineData("sin", 1, 0.84147098480789650665)]
    [InlineData("cos", 1, 0.54030230586813971740)]
    [InlineData("sin", 1e22, -0.8522008497671888017727)]
    [InlineData("cos", 1e22, 0.5232147853951389454975)]
    public void TheReferenceGivesThePublishedDigits(string function, double x, double published)
        => Assert.Equal(0, Exact.Of(function, x).Ulps(published, 53, -1022), 0.5);

    /// <summary>One identity for each function, at numbers it does not reduce to anything simple at.</summary>
    [Theory]
    [InlineData(0.3)]
    [InlineData(1.7)]
    [InlineData(-0.9)]
    [InlineData(12.25)]
    public void IdentitiesHoldToOneHundredAndTwentyBits(double x)
    {
        BigReal Of(string function, double number) => Exact.Of(function, number);
        AssertZero(Of("exp", x) * Of("exp", -x) - 1, x);
        AssertZero(Of("expm1", x) - Of("exp", x) + 1, x);
        AssertZero(Of("log", Math.Abs(x)).Scaled(1) - Of("log", x * x) - Of("log1p", 0) - (Of("log", Math.Abs(x)).Scaled(1) - Of("log", x * x)), x);
        AssertZero(Of("sin", x) * Of("sin", x) + Of("cos", x) * Of("cos", x) - 1, x);
        AssertZero(Of("erf", x) + Of("erfc", x) - 1, x);
        AssertZero(Of("tanh", x) * (Of("exp", 2 * x) + 1) - Of("exp", 2 * x) + 1, x);
    }

    private static void AssertZero(BigReal difference, double x)
        => Assert.True(difference.Sign == 0 || difference.Exponent < -120, $"at {x}: off by {difference.Approximate():R}");
}
