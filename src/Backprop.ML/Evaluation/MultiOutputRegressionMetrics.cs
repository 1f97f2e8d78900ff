namespace Backprop.ML;

/// <summary>How well several real labels are predicted: each by itself, and on average.</summary>
/// <param name="Outputs">The metrics of each label, in the order of the label column's slots.</param>
public sealed record MultiOutputRegressionMetrics(IReadOnlyList<OutputMetrics> Outputs)
{
    /// <summary>The mean of the labels' mean absolute errors; of use where all have the same unit.</summary>
    public double MeanAbsoluteError => Outputs.Average(output => output.MeanAbsoluteError);

    /// <summary>The mean of the labels' mean squared errors; of use where all have the same unit.</summary>
    public double MeanSquaredError => Outputs.Average(output => output.MeanSquaredError);

    /// <summary>The root of <see cref="MeanSquaredError"/>.</summary>
    public double RootMeanSquaredError => Math.Sqrt(MeanSquaredError);

    /// <summary>The mean of the labels' R², whatever their units.</summary>
    public double RSquared => Outputs.Average(output => output.RSquared);
}

/// <summary>How well one real label is predicted.</summary>
/// <param name="Name">The label's slot name, or its number from 0.</param>
/// <param name="MeanAbsoluteError">In the label's unit.</param>
/// <param name="MeanSquaredError">In the square of the label's unit.</param>
/// <param name="RSquared">1 − squared error / variance: 1 for a perfect prediction, 0 for the label's mean; not finite for a label that never varies.</param>
public sealed record OutputMetrics(string Name, double MeanAbsoluteError, double MeanSquaredError, double RSquared)
{
    /// <summary>In the label's unit.</summary>
    public double RootMeanSquaredError => Math.Sqrt(MeanSquaredError);
}

/// <summary>Errors of one label, row by row.</summary>
internal sealed class OutputErrors
{
    private long rows;
    private double absolute;
    private double squared;

    // The label's mean, and squares around it: Welford (1962).
    private double mean;
    private double deviations;

    internal void Add(double label, double score)
    {
        rows++;
        absolute += Math.Abs(score - label);
        squared += (score - label) * (score - label);
        var difference = label - mean;
        mean += difference / rows;
        deviations += difference * (label - mean);
    }

    internal OutputMetrics ToMetrics(string name) => new(name, absolute / rows, squared / rows, 1 - squared / deviations);
}
