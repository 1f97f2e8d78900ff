using System.Text.Json.Nodes;
using Backprop.Comparisons.Measuring;
using Backprop.ML;
using Microsoft.ML;

namespace Backprop.Comparisons.Fitting;

/// <summary>A whole Fit of ML.NET trainers with their own defaults on every core; beside the time, how well the model does on test rows.</summary>
/// <param name="Data">The table's name.</param>
/// <param name="ScoreName">The score's, as a JSON field.</param>
/// <param name="LeastScore">What every model reaches.</param>
/// <param name="Load">Reads the table.</param>
/// <param name="Trainers">Makes the trainers.</param>
internal sealed record FitCase(string Data, string ScoreName, double LeastScore, Func<FitData> Load, Func<MLContext, IReadOnlyList<FitCase.Trainer>> Trainers)
    : Case("fit")
{
    private static readonly Library LightGbm = new("lightGbm", "LightGBM");
    private static readonly Library FastTree = new("fastTree", "FastTree");
    private static readonly Library Sdca = new("sdca", "Sdca");
    private static readonly Library Lbfgs = new("lbfgs", "Lbfgs");

    /// <summary>Classes and numbers.</summary>
    public static IEnumerable<Case> All =>
    [
        new FitCase("digits", "accuracy", 0.9, FitData.Digits, ml =>
        [
            new(Library.Engine, ml.MulticlassClassification.Trainers.MultilayerPerceptron()),
            new(LightGbm, ml.MulticlassClassification.Trainers.LightGbm()),
            new(FastTree, ml.MulticlassClassification.Trainers.OneVersusAll(ml.BinaryClassification.Trainers.FastTree())),
            new(Sdca, ml.MulticlassClassification.Trainers.SdcaMaximumEntropy()),
            new(Lbfgs, ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy()),
        ]),
        new FitCase("waves", "r2", 0.5, FitData.Waves, ml =>
        [
            new(Library.Engine, ml.Regression.Trainers.MultilayerPerceptron()),
            new(LightGbm, ml.Regression.Trainers.LightGbm()),
            new(FastTree, ml.Regression.Trainers.FastTree()),
        ]),
    ];

    /// <inheritdoc/>
    public override string Name => Data;

    /// <inheritdoc/>
    public override JsonObject Fields => new() { ["data"] = Data };

    /// <inheritdoc/>
    public override IReadOnlyList<Entrant> Entrants
    {
        get
        {
            var data = new Lazy<FitData>(Load);
            var ml = new MLContext(seed: 1);
            return [.. Trainers(ml).Select(t => new Entrant(
                t.Library, Environment.ProcessorCount, () => new FitContender(t.Estimator, data.Value)))];
        }
    }

    /// <inheritdoc/>
    public override JsonObject Extras(Outcome outcome)
    {
        var extras = new JsonObject { [ScoreName] = outcome.Ours.Results[0] };
        foreach (var other in outcome.Others)
        {
            extras[$"{other.Key}{char.ToUpperInvariant(ScoreName[0])}{ScoreName[1..]}"] = outcome.Best(other)!.Results[0];
        }

        return extras;
    }

    /// <summary>Models of different kinds do not agree, but each must have learned.</summary>
    public override void Check(Entrant entrant, double[] results, double[] ours)
    {
        if (!(results[0] >= LeastScore))
        {
            throw new InvalidOperationException(
                $"{this}: {entrant} reaches {ScoreName} {results[0]:F3}, less than {LeastScore}. A Fit that learns nothing is no comparison.");
        }
    }

    /// <summary>A trainer and whose it is.</summary>
    internal sealed record Trainer(Library Library, IEstimator<ITransformer> Estimator);
}
