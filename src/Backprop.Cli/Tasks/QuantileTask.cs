using Backprop.Cli.Data;
using Backprop.ML;
using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Cli.Tasks;

/// <summary>Quantiles of a real number.</summary>
internal sealed class QuantileTask : TabularTask
{
    private QuantileTask(QuantileHead head) => Head = head;

    /// <inheritdoc/>
    public override Head Head { get; }

    /// <summary>Checks that the label is numeric.</summary>
    public static QuantileTask Of(QuantileHead head, LabelTexts label)
    {
        RealLabels.Of(head, label);
        return new(head);
    }

    /// <inheritdoc/>
    public override TableColumn Targets(IReadOnlyList<LabelTexts> labels)
        => new TableColumn<float>(ColumnNames.Label, NumberDataViewType.Single, RealLabels.Of(Head, labels[0]));

    /// <inheritdoc/>
    public override Fitted Fit(MLContext ml, IDataView data, MultilayerPerceptronOptions options, IMultilayerPerceptronModel? start)
    {
        var trained = ml.Regression.Trainers.MultilayerPerceptronQuantile(options).Fit(data, null, (MultilayerPerceptronQuantileModelParameters?)start);
        var prediction = ml.Transforms.CopyColumns(ColumnNames.Prediction, ColumnNames.Score);
        return Predicting(trained, prediction, data);
    }

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
