using Backprop.Cli.Data;
using Backprop.ML;
using Backprop.Models;
using Microsoft.ML;

namespace Backprop.Cli.Tasks;

/// <summary>Quantiles of a real number.</summary>
internal sealed class QuantileTask(QuantileHead head, LabelTexts label) : RealTask(head, label)
{
    /// <inheritdoc/>
    public override Fitted Fit(MLContext ml, IDataView data, MultilayerPerceptronOptions options, IMultilayerPerceptronModel? start)
        => PredictingScore(ml.Regression.Trainers.MultilayerPerceptronQuantile(options).Fit(data, null, start), ml, data);

    /// <inheritdoc/>
    public override Evaluation Evaluate(MLContext ml, IDataView scored)
    {
        var metrics = ml.Regression.EvaluateQuantiles(scored, ColumnNames.Label);
        return new(
            [
                new("pinballLoss", metrics.MeanPinballLoss),
                new("intervalCoverage", metrics.IntervalCoverage),
                new("expectedCoverage", metrics.ExpectedCoverage),
                new("meanIntervalWidth", metrics.MeanIntervalWidth),
            ],
            Confusion: null);
    }
}
