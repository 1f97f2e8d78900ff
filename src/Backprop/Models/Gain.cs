using Backprop.Formulas;
using Real = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Models;

/// <summary>The factor by which an activation's inputs must be larger for its outputs to vary as much: PyTorch's calculate_gain.</summary>
/// <remarks>Source: He, Zhang, Ren and Sun (2015), for ReLU.</remarks>
public static class Gain
{
    /// <summary>√2, for half the units being silent.</summary>
    public static double Relu { get; } = OfSlope(0);

    /// <summary>√(2 / (1 + slope²)): of an activation that is x above 0 and slope · x below, and is 1 for the identity.</summary>
    public static double OfSlope(double slope) => Math.Sqrt(2 / (1 + slope * slope));

    /// <summary>The gain of an activation: of its slope where it is two lines through 0, else the number PyTorch names.</summary>
    /// <exception cref="ArgumentException">There is none for that activation.</exception>
    public static double Of(Activation activation)
    {
        double At(double x) => activation.Forward<Real>(new(x)).Vector;
        var (one, slope) = (At(1), -At(-1));
        if (one == 1 && At(2) == 2 && At(0.5) == 0.5 && At(-2) == -2 * slope && At(-0.5) == -0.5 * slope)
        {
            return OfSlope(slope);
        }

        return activation.Name switch
        {
            "sigmoid" => 1,
            "tanh" => 5.0 / 3,
            "selu" => 3.0 / 4,
            _ => throw new ArgumentException($"There is no customary gain for {activation}. Give a number, such as {Relu} as for relu."),
        };
    }
}
