using Backprop.Cli.Data;
using Backprop.ML;
using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Cli.Tasks;

/// <summary>Two classes, one of them positive.</summary>
internal sealed class BinaryTask : TabularTask
{
    private readonly string negative;
    private readonly string positive;
    private readonly bool chosen;

    private BinaryTask(BinaryHead head, string negative, string positive, bool chosen)
        => (Head, this.negative, this.positive, this.chosen) = (head, negative, positive, chosen);

    /// <inheritdoc/>
    public override Head Head { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes => [negative, positive];

    /// <inheritdoc/>
    public override string? Remark => chosen ? null : $"The positive class is '{positive}' (the greater of the two; --positive chooses).";

    /// <summary>Reads a label of two values.</summary>
    public static BinaryTask Of(BinaryHead head, LabelTexts label, string? positive, IReadOnlyList<string>? known)
    {
        if (known is not null)
        {
            ClassNames.CheckKnown(label, known);
            return positive is null || positive == known[1]
                ? new(head, known[0], known[1], chosen: true)
                : throw new InputException($"--positive '{positive}' is not the positive class of the model to train further, '{known[1]}'. Leave it out.");
        }

        var classes = ClassNames.Of(label);
        if (classes.Count > 2)
        {
            throw new InputException(
                $"Label '{label.Column}' of {label.Source} has {classes.Count} classes ({ClassNames.Listed(classes)}), "
                + "and a binary task takes 2. Give --task multiclass.");
        }

        return positive is null ? new(head, classes[0], classes[1], chosen: false)
            : positive == classes[0] ? new(head, classes[1], positive, chosen: true)
            : positive == classes[1] ? new(head, classes[0], positive, chosen: true)
            : throw new InputException(
                $"--positive '{positive}' is not a value of label '{label.Column}'. Choose '{classes[0]}' or '{classes[1]}'.");
    }

    /// <inheritdoc/>
    public override TableColumn Targets(IReadOnlyList<LabelTexts> labels)
    {
        var label = labels[0];
        ClassNames.CheckKnown(label, Classes);
        return new TableColumn<bool>(ColumnNames.Label, BooleanDataViewType.Instance, [.. label.Texts.Select(text => text == positive)]);
    }

    /// <inheritdoc/>
    public override void CheckTest(IReadOnlyList<LabelTexts> labels)
    {
        ClassNames.CheckKnown(labels[0], Classes);
        ClassNames.Of(labels[0]); // the area under the ROC curve needs both classes
    }

    /// <inheritdoc/>
    public override Fitted Fit(MLContext ml, IDataView data, MultilayerPerceptronOptions options, IMultilayerPerceptronModel? start)
    {
        var trained = ml.BinaryClassification.Trainers.MultilayerPerceptron(options).Fit(data, null, start);
        var names = new Dictionary<bool, string> { [false] = negative, [true] = positive };
        var prediction = ml.Transforms.Conversion.MapValue(ColumnNames.Prediction, names, ColumnNames.PredictedLabel);
        return Predicting(trained, prediction, data);
    }

    /// <inheritdoc/>
    public override Evaluation Evaluate(MLContext ml, IDataView scored)
    {
        var metrics = ml.BinaryClassification.Evaluate(scored, ColumnNames.Label);

        // ML.NET lists the positive class first.
        var counts = metrics.ConfusionMatrix.Counts;
        return new(
            [new("accuracy", metrics.Accuracy), new("logLoss", LogLoss(scored)), new("auc", metrics.AreaUnderRocCurve)],
            new(Classes, [[counts[1][1], counts[1][0]], [counts[0][1], counts[0][0]]]));
    }

    /// <summary>The mean of −log p, p the probability of the true class, from the logit.</summary>
    /// <remarks>ML.NET's own is in bits, and infinite as soon as a float probability rounds to 0 or 1.</remarks>
    private static double LogLoss(IDataView scored)
    {
        var labels = scored.GetColumn<bool>(ColumnNames.Label);
        var logits = scored.GetColumn<float>(ColumnNames.Score);
        return labels.Zip(logits, (label, logit) => Softplus(label ? -(double)logit : logit)).Average();
    }

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
