using System.Numerics;
using Real = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Models;

/// <summary>
/// Of biases that begin the logarithm of a rate, those of a <see cref="PoissonHead"/>'s last layer, the logarithm of the mean of the training
/// rows' targets; of all others zeros. Draws nothing.
/// </summary>
/// <remarks>
/// Labels of counts are not standardised: with <see cref="Zeros"/> for the layer's weights a network begins with the best constant instead, whatever
/// the size of counts. The mean is by the rows' weights. Of a target that is 0 in every row it is taken for 0.5 / rows, as 0 has no logarithm.
/// </remarks>
public sealed record MeanRates : Initializer
{
    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random) => values.Clear();

    /// <summary>Writes the logarithms of some rates, each finite and above 0.</summary>
    internal static void Fill<T>(Span<T> values, ReadOnlySpan<double> rates) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = T.CreateTruncating(Real.Log(new(rates[i])).Vector);
        }
    }
}
