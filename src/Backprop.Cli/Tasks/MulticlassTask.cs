using Backprop.Cli.Data;
using Backprop.ML;
using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Cli.Tasks;

/// <summary>Any number of classes.</summary>
internal sealed class MulticlassTask : TabularTask
{
    private MulticlassTask(MulticlassHead head, IReadOnlyList<string> classes) => (Head, Classes) = (head, classes);

    /// <inheritdoc/>
    public override Head Head { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes { get; }

    /// <summary>Reads a label of several values.</summary>
    public static MulticlassTask Of(MulticlassHead head, LabelTexts label, IReadOnlyList<string>? known)
    {
        if (known is not null)
        {
            ClassNames.CheckKnown(label, known);
        }

        return new(head, known ?? ClassNames.Of(label));
    }

    /// <inheritdoc/>
    public override TableColumn Targets(IReadOnlyList<LabelTexts> labels) => Texts(labels[0].Texts);

    /// <inheritdoc/>
    public override void CheckTest(IReadOnlyList<LabelTexts> labels) => ClassNames.CheckKnown(labels[0], Classes);

    /// <inheritdoc/>
    public override IDataView MapLabel(MLContext ml, IDataView data)
    {
        var classes = new TableView(Classes.Count, [Texts(Classes)]);
        return ml.Transforms.Conversion.MapValueToKey(ColumnNames.Label, keyData: classes).Fit(data).Transform(data);
    }

    /// <inheritdoc/>
    public override Fitted Fit(MLContext ml, IDataView data, MultilayerPerceptronOptions options, IMultilayerPerceptronModel? start)
    {
        var trained = ml.MulticlassClassification.Trainers.MultilayerPerceptron(options).Fit(data, null, start);
        var prediction = ml.Transforms.Conversion.MapKeyToValue(ColumnNames.Prediction, ColumnNames.PredictedLabel);
        return Predicting(trained, prediction, data);
    }

    /// <inheritdoc/>
    public override Evaluation Evaluate(MLContext ml, IDataView scored)
    {
        var metrics = ml.MulticlassClassification.Evaluate(scored, ColumnNames.Label);
        return new(
            [new("accuracy", metrics.MicroAccuracy), new("logLoss", metrics.LogLoss)],
            new(Classes, metrics.ConfusionMatrix.Counts));
    }

    private static TableColumn<ReadOnlyMemory<char>> Texts(IReadOnlyList<string> texts)
        => new(ColumnNames.Label, TextDataViewType.Instance, [.. texts.Select(text => text.AsMemory())]);
}
