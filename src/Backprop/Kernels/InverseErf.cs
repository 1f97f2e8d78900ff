using Real = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Kernels;

/// <summary>The inverse of the error function: a rational approximation and two of Halley's steps.</summary>
/// <remarks>Source of the approximation: MATLAB's and PyTorch's calc_erfinv. The steps go by erfc where erf is near 1.</remarks>
internal static class InverseErf
{
    /// <summary>x with erf x = y; infinite for 1 and −1, NaN beyond.</summary>
    public static double Of(double y)
    {
        var (size, rest) = (Math.Abs(y), 1 - Math.Abs(y));
        if (rest <= 0 || double.IsNaN(y))
        {
            return rest == 0 ? y / rest : double.NaN;
        }

        var x = size <= 0.7 ? Central(size) : Tail(Math.Sqrt(-Real.Log(new(rest / 2)).Vector));
        for (var step = 0; step < 2; step++)
        {
            var error = size < 0.5 ? Real.Erf(new(x)).Vector - size : rest - Real.Erfc(new(x)).Vector;
            var newton = error / (2 / Math.Sqrt(Math.PI) * Real.Exp(new(-x * x)).Vector);
            // The second derivative is −2x times the first.
            x -= newton / (1 + x * newton);
        }

        return Math.CopySign(x, y);
    }

    private static double Central(double y)
    {
        var z = y * y;
        return y * (((-0.140543331 * z + 0.914624893) * z - 1.645349621) * z + 0.886226899)
            / ((((0.012229801 * z - 0.329097515) * z + 1.442710462) * z - 2.118377725) * z + 1);
    }

    private static double Tail(double z)
        => (((1.641345311 * z + 3.429567803) * z - 1.624906493) * z - 1.970840454) / ((1.637067800 * z + 3.543889200) * z + 1);
}
