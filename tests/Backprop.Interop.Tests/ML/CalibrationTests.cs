using Backprop.ML;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>ML.NET's calibrators take the Score of the binary trainer, and mend the probabilities of a network that is too sure of itself.</summary>
public sealed class CalibrationTests : IDisposable
{
    private static readonly MLContext Context = new(seed: 1);

    // Labels follow the features but for noise, which a network trained for long on a few rows learns by heart.
    private static readonly Lazy<ITransformer> Overfitted = new(() => Trainer(iterations: 300, validation: 0).Fit(Data(Noisy(100, 1))));

    // A network with little to mend.
    private static readonly Lazy<ITransformer> WellFitted = new(() => Trainer(iterations: 30, validation: 0.1).Fit(Data(Noisy(2000, 1))));

    // Enough for each of Naive's 200 bins.
    private static readonly IDataView Unseen = Data(Noisy(5000, 2));

    private readonly string folder = Directory.CreateTempSubdirectory("backprop-").FullName;

    public static TheoryData<string> Calibrators => ["Platt", "Isotonic", "Naive"];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(Calibrators))]
    public void ProbabilitiesOfNewRowsGetBetter(string name)
    {
        var (chain, test) = (Calibrated(name, Overfitted.Value), Data(Noisy(5000, 3)));
        var (own, calibrated) = (Evaluate(Overfitted.Value, test), Evaluate(chain, test));
        Assert.Equal((own.AreaUnderRocCurve, own.Accuracy), (calibrated.AreaUnderRocCurve, calibrated.Accuracy));
        var (before, after) = (Brier(Rows(test, Overfitted.Value)), Brier(Rows(test, chain)));
        Assert.True(after < 0.9 * before, $"{name}: {after} after, {before} before");
    }

    [Theory, InlineData(true), InlineData(false)]
    public void PlattsLossOnItsRowsIsNoHigher(bool overfitted)
    {
        var network = (overfitted ? Overfitted : WellFitted).Value;
        var (own, platt) = (Rows(Unseen, network), Rows(Unseen, Calibrated("Platt", network)));
        // Among what Platt fits is the network's own logistic. It aims not at 0 and 1 but s away, s = 1 / (rows of the rarer class + 2), which changes
        // the loss log(1 + eᶻ) − t z by at most s |z|; and it stops once a step gains less than a thousandth.
        var s = 1.0 / (Math.Min(own.Count(row => row.IsAbove), own.Count(row => !row.IsAbove)) + 2);
        var sizes = own.Average(row => Math.Abs(row.Score)) + platt.Average(row => Math.Abs(Math.Log(row.Probability / (1.0 - row.Probability))));
        Assert.True(double.IsFinite(sizes));
        Assert.InRange(Loss(platt), 0, 1.001 * Loss(own) + s * sizes);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void IsotonicAndNaiveErrorsOnTheirRowsAreNoHigher(bool overfitted)
    {
        var network = (overfitted ? Overfitted : WellFitted).Value;
        var own = Rows(Unseen, network);
        // Of all functions that rise with the score, the logistic among them, isotonic has the least squared error; then it stays 1e-7 away from 0 and 1.
        Assert.InRange(Brier(Rows(Unseen, Calibrated("Isotonic", network))), 0, Brier(own) + 1e-6);
        // Of all that are constant in each of 200 bins, naive has. The logistic differs by at most w / 8 from its value in the middle of a bin w wide.
        var w = (own.Max(row => row.Score) - own.Min(row => row.Score)) / 200;
        Assert.InRange(Brier(Rows(Unseen, Calibrated("Naive", network))), 0, Brier(own) + w / 4 + w * w / 64);
    }

    [Theory, MemberData(nameof(Calibrators))]
    public void ACalibratedChainIsSavedAndLoadedHereAndInAnotherProcess(string name)
    {
        var (chain, test) = (Calibrated(name, Overfitted.Value), Data(Noisy(60, 3)));
        var (modelPath, dataPath) = (Path.Combine(folder, "model.zip"), Path.Combine(folder, "data.idv"));
        Context.Model.Save(chain, test.Schema, modelPath);
        using (var file = File.Create(dataPath))
        {
            Context.Data.SaveAsBinary(test, file);
        }

        var loaded = new MLContext().Model.Load(modelPath, out _);
        Assert.Equal(Scores.Of(chain.Transform(test)), Scores.Of(loaded.Transform(test)));
        Assert.Equal(["Backprop.ML loaded before: False", .. Scores.Of(chain.Transform(test))], OtherProcess.Score(modelPath, dataPath));
        Assert.Equal(Evaluate(chain, test).LogLoss, Evaluate(loaded, test).LogLoss);

        using var engine = Context.Model.CreatePredictionEngine<Row, Calibration>(loaded);
        Assert.Equal(Rows(test, chain).Select(row => row.Probability), Noisy(60, 3).Select(row => engine.Predict(row).Probability));
    }

    [Theory, MemberData(nameof(Calibrators))]
    public void InAChainACalibratorIsFittedWithTheNetwork(string name)
    {
        var data = Data(Noisy(300, 1));
        var chain = Trainer(iterations: 30, validation: 0.1).Append(Calibrator(name)).Fit(data);
        Assert.InRange(Evaluate(chain, data).AreaUnderRocCurve, 0.8, 1);
    }

    private static MultilayerPerceptronBinaryTrainer Trainer(int iterations, double validation)
        => Context.BinaryClassification.Trainers.MultilayerPerceptron(new MultilayerPerceptronOptions
        {
            Preset = Preset.Plain,
            LabelColumnName = nameof(Row.IsAbove),
            HiddenUnits = [64],
            NumberOfIterations = iterations,
            LearningRate = 0.01,
            ValidationFraction = validation,
            NumberOfThreads = 1,
        });

    private static IEstimator<ITransformer> Calibrator(string name) => name switch
    {
        "Platt" => Context.BinaryClassification.Calibrators.Platt(nameof(Row.IsAbove)),
        "Isotonic" => Context.BinaryClassification.Calibrators.Isotonic(nameof(Row.IsAbove)),
        _ => Context.BinaryClassification.Calibrators.Naive(nameof(Row.IsAbove)),
    };

    /// <summary>The network and a calibrator fitted on rows it has not seen.</summary>
    private static ITransformer Calibrated(string name, ITransformer network)
        => new TransformerChain<ITransformer>(network, Calibrator(name).Fit(network.Transform(Unseen)));

    private static CalibratedBinaryClassificationMetrics Evaluate(ITransformer model, IDataView data)
        => Context.BinaryClassification.Evaluate(model.Transform(data), nameof(Row.IsAbove));

    /// <summary>Mean cross-entropy, in nats.</summary>
    private static double Loss(List<Calibration> rows) => rows.Average(row => -Math.Log(row.IsAbove ? row.Probability : 1.0 - row.Probability));

    /// <summary>Mean squared error of the probabilities. Brier (1950).</summary>
    private static double Brier(List<Calibration> rows) => rows.Average(row => Math.Pow(row.Probability - (row.IsAbove ? 1 : 0), 2));

    private static List<Calibration> Rows(IDataView data, ITransformer model)
        => [.. Context.Data.CreateEnumerable<Calibration>(model.Transform(data), reuseRowObject: false)];

    private static IDataView Data(IEnumerable<Row> rows) => Context.Data.LoadFromEnumerable(rows);

    private static List<Row> Noisy(int count, int seed)
    {
        var (rows, random) = (Row.Many(count, seed), new Random(seed));
        foreach (var row in rows)
        {
            row.IsAbove = row.Features[0] + row.Features[1] + random.NextSingle() + random.NextSingle() - 1 > 0;
        }

        return rows;
    }

    private sealed class Calibration
    {
        public bool IsAbove { get; set; }

        public float Score { get; set; }

        public float Probability { get; set; }
    }
}
