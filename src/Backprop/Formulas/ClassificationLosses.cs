using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>−t log σ(z) − (1 − t) log(1 − σ(z)), from the logit z and stable for every z: softplus((1 − 2t) z) for t = 0 or 1.</summary>
/// <remarks>At z = ±∞ on the right side the value is its limit 0, where PyTorch's is NaN.</remarks>
public readonly record struct BinaryCrossEntropy : ILoss
{
    /// <inheritdoc/>
    public static bool SignPredicts => true;

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Value<TX>(TX z, TX t) where TX : IReal<TX>
    {
        // max(z, 0) − z t, without 0 · ∞.
        var slope = TX.IfPositive(z, 1 - t, -t);
        return TX.IfPositive(TX.Abs(slope), z * slope, slope) + TX.Log1p(TX.Exp(-TX.Abs(z)));
    }

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => TX.Sigmoid(z) - t;
}

/// <summary>−w t log σ(z) − (1 − t) log(1 − σ(z)): the binary cross-entropy with a weight w for the positive class, PyTorch's pos_weight.</summary>
/// <remarks>The mean divides by the number of terms, not by their weights.</remarks>
public readonly record struct WeightedBinaryCrossEntropy : ILoss
{
    private readonly Coefficient weight;

    /// <summary>With a weight of 1.</summary>
    public WeightedBinaryCrossEntropy()
        : this(1)
    {
    }

    /// <summary>With a weight above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public WeightedBinaryCrossEntropy(double positiveWeight)
        => weight = Catalogue.Require(
            positiveWeight > 0 && double.IsFinite(positiveWeight), positiveWeight, "The weight of the positive class", "a finite number above 0");

    /// <summary>How often a positive example counts.</summary>
    public double PositiveWeight => weight.Value;

    /// <inheritdoc/>
    public string Parameter => Catalogue.Show(PositiveWeight);

    /// <inheritdoc/>
    public static bool SignPredicts => true;

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Value<TX>(TX z, TX t) where TX : IReal<TX>
    {
        var (positive, negative) = (weight * t, 1 - t);
        var slope = TX.IfPositive(z, negative, -positive);
        return TX.IfPositive(TX.Abs(slope), z * slope, slope) + (positive + negative) * TX.Log1p(TX.Exp(-TX.Abs(z)));
    }

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => (1 - t) * TX.Sigmoid(z) - weight * t * TX.Sigmoid(-z);
}

/// <summary>log(1 + e^−tz) for targets 1 and −1, stable for every z, where PyTorch's is infinite with the gradient NaN from tz = −89 on (float).</summary>
public readonly record struct SoftMargin : ILoss
{
    /// <inheritdoc/>
    public static bool SignPredicts => true;

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Value<TX>(TX z, TX t) where TX : IReal<TX>
    {
        var miss = -(z * t);
        return TX.IfPositive(miss, miss, 0) + TX.Log1p(TX.Exp(-TX.Abs(miss)));
    }

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => -(t * TX.Sigmoid(-(z * t)));
}
