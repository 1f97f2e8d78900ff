using Backprop.Kernels;

namespace Backprop.Models;

/// <summary>Points and weights of an integral from 0 to 1 that is exact for polynomials of degree 2n − 1. Gauss (1814).</summary>
/// <param name="Points">Ascending, strictly between 0 and 1.</param>
/// <param name="Weights">Above 0; their sum is 1.</param>
internal sealed record GaussLegendre(double[] Points, double[] Weights)
{
    /// <summary>Time grows with the square; an integrand that wants more wants to be cut.</summary>
    public const int MostPoints = 4096;

    // From Tricomi's first guess, three or four reach the last bit.
    private const int NewtonSteps = 10;

    /// <summary>The rule of that many points.</summary>
    public static GaussLegendre Of(int count)
    {
        var rule = new GaussLegendre(new double[count], new double[count]);
        for (var i = 0; i <= (count - 1) / 2; i++)
        {
            // Zeros of Pₙ come in pairs ± x; the middle one of an odd rule is 0.
            var x = 2 * i + 1 == count ? 0 : Lanes<double, double, Simd1<double>>.Cos(Math.PI * (i + 0.75) / (count + 0.5)).Vector;
            var (value, slope) = Legendre(count, x);
            for (var step = 0; step < NewtonSteps && x - value / slope != x; step++)
            {
                x -= value / slope;
                (value, slope) = Legendre(count, x);
            }

            var weight = 1 / ((1 - x) * (1 + x) * slope * slope);
            (rule.Points[i], rule.Points[count - 1 - i]) = ((1 - x) / 2, (1 + x) / 2);
            (rule.Weights[i], rule.Weights[count - 1 - i]) = (weight, weight);
        }

        return rule;
    }

    /// <summary>Pₙ(x) and its derivative, by k Pₖ = (2k − 1) x Pₖ₋₁ − (k − 1) Pₖ₋₂.</summary>
    private static (double Value, double Slope) Legendre(int n, double x)
    {
        var (before, value) = (1.0, x);
        for (var k = 2; k <= n; k++)
        {
            (before, value) = (value, ((2 * k - 1) * x * value - (k - 1) * before) / k);
        }

        return (value, n * (before - x * value) / ((1 - x) * (1 + x)));
    }
}
