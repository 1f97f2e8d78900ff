namespace Backprop.ML;

/// <summary>How well quantiles are predicted.</summary>
/// <param name="Quantiles">The metrics of each level, in the order of the Quantiles column's slots.</param>
/// <param name="IntervalCoverage">The share of labels in the interval, its ends included.</param>
/// <param name="ExpectedCoverage">The share that the interval's levels promise: 0.9 for 0.05 and 0.95.</param>
/// <param name="MeanIntervalWidth">In the label's unit.</param>
public sealed record QuantileRegressionMetrics(
    IReadOnlyList<QuantileMetrics> Quantiles, double IntervalCoverage, double ExpectedCoverage, double MeanIntervalWidth)
{
    /// <summary>The mean of the levels' pinball losses, in the label's unit.</summary>
    public double MeanPinballLoss => Quantiles.Average(quantile => quantile.PinballLoss);
}

/// <summary>How well one quantile is predicted.</summary>
/// <param name="Level">The share of labels that should lie at or below it.</param>
/// <param name="Coverage">The share that does.</param>
/// <param name="PinballLoss">
/// The mean of level · (label − quantile) where the label is above, and of (1 − level) · (quantile − label) where it is not, in the label's unit.
/// </param>
public sealed record QuantileMetrics(double Level, double Coverage, double PinballLoss);
