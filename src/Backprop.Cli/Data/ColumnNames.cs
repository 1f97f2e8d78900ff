namespace Backprop.Cli.Data;

/// <summary>The columns this tool and the trainers add to those of a file; the tool's own have a prefix no file is likely to use.</summary>
internal static class ColumnNames
{
    /// <summary>The label of training and evaluation, never part of a saved model.</summary>
    public const string Label = "Backprop.Label";

    /// <summary>How much each training row counts.</summary>
    public const string Weight = "Backprop.Weight";

    /// <summary>Whose rows the split into training and validation keeps together.</summary>
    public const string Group = "Backprop.Group";

    /// <summary>The vector the trainer reads.</summary>
    public const string Features = "Backprop.Features";

    /// <summary>All numeric columns as one vector.</summary>
    public const string Numbers = "Backprop.Numbers";

    /// <summary>The indicators of missing numbers.</summary>
    public const string Missing = "Backprop.Missing";

    /// <summary>The predicted label in the words of the training file: what this tool adds to the trainer's columns.</summary>
    public const string Prediction = "Prediction";

    /// <summary>The trainer's predicted class.</summary>
    public const string PredictedLabel = "PredictedLabel";

    /// <summary>The trainer's score.</summary>
    public const string Score = "Score";

    /// <summary>The probability of a binary task's positive class.</summary>
    public const string Probability = "Probability";

    /// <summary>The quantiles of a quantile task.</summary>
    public const string Quantiles = "Quantiles";

    /// <summary>The lowest and the highest of them.</summary>
    public const string Interval = "Interval";

    /// <summary>All that a prediction adds.</summary>
    public static IReadOnlyList<string> Outputs { get; } = [Prediction, PredictedLabel, Score, Probability, Quantiles, Interval];

    /// <summary>A text column's categories as numbers.</summary>
    public static string OneHot(string text) => $"Backprop.{text}";
}
