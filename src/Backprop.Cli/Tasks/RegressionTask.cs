using Backprop.Cli.Data;
using Backprop.ML;
using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Cli.Tasks;

/// <summary>A real number, or a count.</summary>
internal sealed class RegressionTask : TabularTask
{
    private RegressionTask(Head head) => Head = head;

    /// <inheritdoc/>
    public override Head Head { get; }

    /// <summary>Checks that the label is numeric.</summary>
    public static RegressionTask Of(Head head, LabelTexts label)
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
        var trained = ml.Regression.Trainers.MultilayerPerceptron(options).Fit(data, null, (MultilayerPerceptronRegressionModelParameters?)start);
        var prediction = ml.Transforms.CopyColumns(ColumnNames.Prediction, ColumnNames.Score);
        return Predicting(trained, prediction, data);
    }

    /// <inheritdoc/>
    public override Evaluation Evaluate(MLContext ml, IDataView scored)
    {
        var metrics = ml.Regression.Evaluate(scored, ColumnNames.Label);
        return new(
            [new("rmse", metrics.RootMeanSquaredError), new("r2", metrics.RSquared), new("mae", metrics.MeanAbsoluteError)],
            Confusion: null);
    }
}
