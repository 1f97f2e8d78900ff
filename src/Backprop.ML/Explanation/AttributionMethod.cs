namespace Backprop.ML;

/// <summary>How much of a prediction each feature is given.</summary>
public enum AttributionMethod
{
    /// <summary>∂output/∂feature: how the output changes with the feature.</summary>
    Gradient,

    /// <summary>feature · ∂output/∂feature: the contribution to first order, compared with a feature of 0.</summary>
    GradientTimesInput,

    /// <summary>
    /// The gradient integrated from a baseline to the row, times their difference: contributions that add up to the output minus the
    /// baseline's. Sundararajan, Taly and Yan (2017).
    /// </summary>
    IntegratedGradients,
}
