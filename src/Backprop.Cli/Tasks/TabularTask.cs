using Backprop.Cli.Data;
using Backprop.ML;
using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Cli.Tasks;

/// <summary>What a task makes of a label column: the trainer's label, the trainer, and the scores of its predictions.</summary>
internal abstract class TabularTask
{
    /// <summary>The tasks that a table can be trained for here, by name.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. new Head[] { Head.Binary, Head.Multiclass, Head.Regression, Head.Poisson, Head.Quantile(0.5) }.Select(head => head.Name)];

    /// <summary>The engine's description of the task.</summary>
    public abstract Head Head { get; }

    /// <summary>The classes in the order of the network's outputs; empty for a regression.</summary>
    public virtual IReadOnlyList<string> Classes => [];

    /// <summary>What the user should know of how the label was understood, or null.</summary>
    public virtual string? Remark => null;

    /// <summary>The task of that name, with options in parentheses if need be.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static Head HeadOf(string text)
    {
        var name = text.Split('(')[0];
        if (!Names.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"There is no task '{name}'. Choose one of: {string.Join(", ", Names)}.");
        }

        return Head.Parse(text) switch
        {
            QuantileHead { Levels: var levels } when levels.Count == 1 || levels.Distinct().Count() < levels.Count => throw new ArgumentException(
                $"Task '{text}' has not two levels or more, all different, to put an interval between. "
                    + FormattableString.Invariant($"Give them, or --task regression(pinball({levels[0]}))")),
            MulticlassHead { ProbabilityTargets: true } => throw new ArgumentException(
                $"Task '{text}' takes a probability for each class, but a label column holds a class. Leave 'probabilities' out"),
            var head => head,
        };
    }

    /// <summary>Reads training labels as the task wants them.</summary>
    /// <param name="head">The task.</param>
    /// <param name="labels">The label columns of the training file.</param>
    /// <param name="positive">The positive class of a binary task, or null for the greater one.</param>
    /// <param name="known">The classes, in the order of the network's outputs; null for those of the labels.</param>
    /// <exception cref="InputException">The labels do not fit the task.</exception>
    public static TabularTask Of(Head head, IReadOnlyList<LabelTexts> labels, string? positive, IReadOnlyList<string>? known = null)
    {
        if (positive is not null && head is not BinaryHead)
        {
            throw new InputException(
                $"--positive '{positive}' chooses a class of a binary task, not of {head}. Leave it out, or give --task binary.");
        }

        if (labels.Count > 1 && head is not (RegressionHead or PoissonHead))
        {
            throw new InputException(
                $"--label names {labels.Count} columns, but a {head.Name} task predicts one. Name one, or give --task regression or poisson.");
        }

        return head switch
        {
            BinaryHead binary => BinaryTask.Of(binary, labels[0], positive, known),
            MulticlassHead multiclass => MulticlassTask.Of(multiclass, labels[0], known),
            QuantileHead quantile => new QuantileTask(quantile, labels[0]),
            _ when labels.Count > 1 => MultiOutputTask.Of(head, labels),
            _ => new RegressionTask(head, labels[0]),
        };
    }

    /// <summary>The labels as the trainer and the evaluator take them, in one column.</summary>
    /// <exception cref="InputException">A label does not fit what training saw.</exception>
    public abstract TableColumn Targets(IReadOnlyList<LabelTexts> labels);

    /// <summary>Refuses test labels that cannot be evaluated.</summary>
    public virtual void CheckTest(IReadOnlyList<LabelTexts> labels)
    {
    }

    /// <summary>Maps the label column where the trainer wants keys; kept out of the saved model, which predicts without a label.</summary>
    public virtual IDataView MapLabel(MLContext ml, IDataView data) => data;

    /// <summary>Trains on featurised data; the transformer also writes <see cref="ColumnNames.Prediction"/>.</summary>
    /// <param name="ml">Where.</param>
    /// <param name="data">Featurised rows with a mapped label.</param>
    /// <param name="options">How.</param>
    /// <param name="start">A network to train further, or null.</param>
    public abstract Fitted Fit(MLContext ml, IDataView data, MultilayerPerceptronOptions options, IMultilayerPerceptronModel? start);

    /// <summary>Evaluates predictions.</summary>
    public abstract Evaluation Evaluate(MLContext ml, IDataView scored);

    /// <summary>The trained transformer, and behind it the step that writes <see cref="ColumnNames.Prediction"/>.</summary>
    protected static Fitted Predicting<TModel>(
        IPredictionTransformer<TModel> trained, IEstimator<ITransformer> prediction, IDataView data) where TModel : class, IMultilayerPerceptronModel
        => new(new TransformerChain<ITransformer>(trained, prediction.Fit(trained.Transform(data))), trained.Model);

    /// <summary>The same where the Score is the prediction.</summary>
    protected static Fitted PredictingScore<TModel>(IPredictionTransformer<TModel> trained, MLContext ml, IDataView data)
        where TModel : class, IMultilayerPerceptronModel
        => Predicting(trained, ml.Transforms.CopyColumns(ColumnNames.Prediction, ColumnNames.Score), data);
}

/// <summary>A trained transformer and the network inside it.</summary>
internal sealed record Fitted(ITransformer Transformer, IMultilayerPerceptronModel Model);

/// <summary>What a test file said about a model.</summary>
/// <param name="Metrics">Name and value, under the names of the metrics file.</param>
/// <param name="Confusion">Rows counted by true class and predicted class; null where there are no classes.</param>
internal sealed record Evaluation(IReadOnlyList<KeyValuePair<string, double>> Metrics, ConfusionCounts? Confusion);

/// <summary>How often each class was predicted as each.</summary>
/// <param name="Classes">Names.</param>
/// <param name="Counts">By true class, then by predicted class.</param>
internal sealed record ConfusionCounts(IReadOnlyList<string> Classes, IReadOnlyList<IReadOnlyList<double>> Counts);
