namespace Backprop.Comparisons.Ablation;

/// <summary>A score of predictions.</summary>
/// <param name="Name">As the columns of <c>peers.csv</c> have it.</param>
/// <param name="Title">As tables have it.</param>
/// <param name="IsError">Whether less is better.</param>
internal sealed record Metric(string Name, string Title, bool IsError)
{
    /// <summary>The share of rows whose class is predicted.</summary>
    public static Metric Accuracy { get; } = new("acc", "accuracy", IsError: false);

    /// <summary>The mean of −log of the probability of the true class.</summary>
    public static Metric LogLoss { get; } = new("logloss", "log-loss", IsError: true);

    /// <summary>The area under the ROC curve.</summary>
    public static Metric Auc { get; } = new("auc", "AUC", IsError: false);

    /// <summary>The square root of the mean squared error, in the label's units.</summary>
    public static Metric RootMeanSquare { get; } = new("rmse", "RMSE", IsError: true);

    /// <summary>What is wrong: the score where less is better, what it lacks to 1 otherwise.</summary>
    public double ErrorOf(double score) => IsError ? score : 1 - score;

    /// <summary>By how much one score is better than another, in the metric's units.</summary>
    public double Gain(double score, double over) => IsError ? over - score : score - over;
}
