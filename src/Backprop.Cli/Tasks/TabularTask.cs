using Backprop.Cli.Data;
using Backprop.ML;
using Backprop.Models;
using Microsoft.ML;

namespace Backprop.Cli.Tasks;

/// <summary>What a task makes of a label column: the trainer's label, the trainer, and the scores of its predictions.</summary>
internal abstract class TabularTask
{
    /// <summary>The tasks that a table can be trained for here.</summary>
    public static IReadOnlyList<Head> Heads { get; } = [Head.Binary, Head.Multiclass, Head.Regression];

    /// <summary>The engine's name for the task.</summary>
    public abstract Head Head { get; }

    /// <summary>The classes in the order of the network's outputs; empty for a regression.</summary>
    public virtual IReadOnlyList<string> Classes => [];

    /// <summary>What the user should know of how the label was understood, or null.</summary>
    public virtual string? Remark => null;

    /// <summary>The task of that name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static Head HeadOf(string name) => Heads.FirstOrDefault(head => string.Equals(head.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no task '{name}'. Choose one of: {string.Join(", ", Heads)}.");

    /// <summary>Reads a training label as the task wants it.</summary>
    /// <param name="head">The task.</param>
    /// <param name="label">The label column of the training file.</param>
    /// <param name="positive">The positive class of a binary task, or null for the greater one.</param>
    /// <exception cref="InputException">The label does not fit the task.</exception>
    public static TabularTask Of(Head head, LabelTexts label, string? positive)
    {
        if (positive is not null && head != Head.Binary)
        {
            throw new InputException(
                $"--positive '{positive}' chooses a class of a binary task, not of {head}. Leave it out, or give --task binary.");
        }

        return head == Head.Binary ? BinaryTask.Of(label, positive)
            : head == Head.Multiclass ? MulticlassTask.Of(label)
            : RegressionTask.Of(label);
    }

    /// <summary>The label as the trainer and the evaluator take it.</summary>
    /// <exception cref="InputException">A label does not fit what training saw.</exception>
    public abstract TableColumn Targets(LabelTexts label);

    /// <summary>Refuses a test label that cannot be evaluated.</summary>
    public virtual void CheckTest(LabelTexts label)
    {
    }

    /// <summary>Maps the label column where the trainer wants keys; kept out of the saved model, which predicts without a label.</summary>
    public virtual IDataView MapLabel(MLContext ml, IDataView data) => data;

    /// <summary>Trains on featurised data; the transformer also writes <see cref="ColumnNames.Prediction"/>.</summary>
    public abstract Fitted Fit(MLContext ml, IDataView data, MultilayerPerceptronOptions options);

    /// <summary>Evaluates predictions with ML.NET's evaluator.</summary>
    public abstract Evaluation Evaluate(MLContext ml, IDataView scored);
}

/// <summary>A trained transformer and the network inside it.</summary>
internal sealed record Fitted(ITransformer Transformer, IMultilayerPerceptronModel Model);

/// <summary>What a test file said about a model.</summary>
/// <param name="Metrics">Name and value, under the names of the metrics file.</param>
/// <param name="Confusion">Rows counted by true class and predicted class; null for a regression.</param>
internal sealed record Evaluation(IReadOnlyList<KeyValuePair<string, double>> Metrics, ConfusionCounts? Confusion);

/// <summary>How often each class was predicted as each.</summary>
/// <param name="Classes">Names.</param>
/// <param name="Counts">By true class, then by predicted class.</param>
internal sealed record ConfusionCounts(IReadOnlyList<string> Classes, IReadOnlyList<IReadOnlyList<double>> Counts);
