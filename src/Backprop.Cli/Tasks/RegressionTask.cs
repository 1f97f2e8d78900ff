using Backprop.Cli.Data;
using Backprop.ML;
using Backprop.Models;
using Microsoft.ML;

namespace Backprop.Cli.Tasks;

/// <summary>A real number, or a count.</summary>
internal sealed class RegressionTask(Head head, LabelTexts label) : RealTask(head, label)
{
    /// <inheritdoc/>
    public override Fitted Fit(MLContext ml, IDataView data, MultilayerPerceptronOptions options, IMultilayerPerceptronModel? start)
        => PredictingScore(ml.Regression.Trainers.MultilayerPerceptron(options).Fit(data, null, start), ml, data);

    /// <inheritdoc/>
    public override Evaluation Evaluate(MLContext ml, IDataView scored)
    {
        var metrics = ml.Regression.Evaluate(scored, ColumnNames.Label);
        return new(
            [new("rmse", metrics.RootMeanSquaredError), new("r2", metrics.RSquared), new("mae", metrics.MeanAbsoluteError)],
            Confusion: null);
    }
}
