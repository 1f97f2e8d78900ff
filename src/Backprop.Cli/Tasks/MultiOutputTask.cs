using Backprop.Cli.Data;
using Backprop.ML;
using Backprop.Models;
using Microsoft.ML;

namespace Backprop.Cli.Tasks;

/// <summary>Several real numbers or counts, by one network.</summary>
internal sealed class MultiOutputTask : TabularTask
{
    private MultiOutputTask(Head head) => Head = head;

    /// <inheritdoc/>
    public override Head Head { get; }

    /// <summary>Checks that the labels are numeric.</summary>
    public static MultiOutputTask Of(Head head, IReadOnlyList<LabelTexts> labels)
    {
        var task = new MultiOutputTask(head);
        task.Targets(labels);
        return task;
    }

    /// <inheritdoc/>
    public override TableColumn Targets(IReadOnlyList<LabelTexts> labels)
        => new VectorColumn(ColumnNames.Label, [.. labels.Select(label => label.Column)], [.. labels.Select(label => RealLabels.Of(Head, label))]);

    /// <inheritdoc/>
    public override Fitted Fit(MLContext ml, IDataView data, MultilayerPerceptronOptions options, IMultilayerPerceptronModel? start)
        => PredictingScore(ml.Regression.Trainers.MultilayerPerceptronMultiOutput(options).Fit(data, null, start), ml, data);

    /// <inheritdoc/>
    public override Evaluation Evaluate(MLContext ml, IDataView scored)
    {
        var metrics = ml.Regression.EvaluateMultiOutput(scored, ColumnNames.Label);
        return new(
            [
                new("r2", metrics.RSquared),
                .. metrics.Outputs.SelectMany(output => new KeyValuePair<string, double>[]
                {
                    new($"rmse_{output.Name}", output.RootMeanSquaredError),
                    new($"r2_{output.Name}", output.RSquared),
                    new($"mae_{output.Name}", output.MeanAbsoluteError),
                }),
            ],
            Confusion: null);
    }
}
