using System.Text.Json;
using Backprop.Cli;
using Backprop.Models;

namespace Backprop.Comparisons.Ablation;

/// <summary>A table that presets are judged on, as <c>datasets.json</c> of its folder describes it.</summary>
/// <param name="Name">Its files are <c>NAME.train.csv</c> and <c>NAME.test.csv</c>; of folds, <c>folds/NAME.fK.train.csv</c> and <c>.test.csv</c>.</param>
/// <param name="Task">binary, multiclass or regression.</param>
/// <param name="Label">The label's column; of a binary task 1 is positive.</param>
/// <param name="Rows">In all.</param>
/// <param name="Eval">"5-fold", where scores are means over folds, or the fixed split.</param>
internal sealed record TableSet(string Name, string Task, string Label, int Rows, string Eval)
{
    private const string InFolds = "5-fold";
    private const int Folds = 5;

    /// <summary>The task as the engine knows it.</summary>
    public Head Head => Task switch
    {
        "binary" => Head.Binary,
        "multiclass" => Head.Multiclass,
        "regression" => Head.Regression,
        _ => throw new InputException($"Set '{Name}' has task '{Task}'. Give binary, multiclass or regression."),
    };

    /// <summary>What sets are compared by.</summary>
    public Metric Metric => Head switch
    {
        BinaryHead => Metric.Auc,
        MulticlassHead => Metric.Accuracy,
        _ => Metric.RootMeanSquare,
    };

    /// <summary>What training lessens: log-loss, or the error of numbers.</summary>
    public Metric Loss => Metrics.Contains(Metric.LogLoss) ? Metric.LogLoss : Metric;

    /// <summary>Every score that is taken of it, the one it is compared by first.</summary>
    public IReadOnlyList<Metric> Metrics => Head switch
    {
        BinaryHead => [Metric.Auc, Metric.LogLoss, Metric.Accuracy],
        MulticlassHead => [Metric.Accuracy, Metric.LogLoss],
        _ => [Metric.RootMeanSquare],
    };

    /// <summary>The sets of a folder.</summary>
    /// <exception cref="InputException">There are none.</exception>
    public static IReadOnlyList<TableSet> In(string folder)
    {
        var path = Path.Combine(folder, "datasets.json");
        return File.Exists(path)
            ? JsonSerializer.Deserialize<TableSet[]>(File.ReadAllText(path), JsonSerializerOptions.Web)!
            : throw new InputException(
                $"There is no '{path}'. Give a folder with datasets.json, a list of name, task, label, rows and eval, and the sets' files.");
    }

    /// <summary>Files to learn from, and to test on.</summary>
    public IEnumerable<(string Train, string Test)> Splits(string folder)
    {
        var stems = Eval == InFolds
            ? Enumerable.Range(0, Folds).Select(fold => Path.Combine(folder, "folds", $"{Name}.f{fold}"))
            : [Path.Combine(folder, Name)];
        return stems.Select(stem => ($"{stem}.train.csv", $"{stem}.test.csv"));
    }
}
