using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>Layers are fitted to the training rows before training, and rows may lack what such a layer takes.</summary>
public class FittedLayerTests
{
    private const int Features = 9;

    private static readonly TrainingOptions Options = new()
    {
        Hidden = [],
        Layers = x => x.RobustScale(name: "scaled").Linear(12).Apply(new Tanh()),
        Epochs = 8,
        BatchSize = 32,
        Optimizer = new Adam { LearningRate = 0.01 },
        Engine = Catalogue.Engine(1, null),
    };

    public static TheoryData<string> Heads => [.. Head.All.Select(head => head.ToString())];

    /// <summary>
    /// Good numbers, then a column of one value, of none, with outliers of 1e30, of subnormal numbers, of numbers near 1e30, of two values,
    /// and with missing and infinite ones.
    /// </summary>
    [Theory, MemberData(nameof(Heads))]
    public void NoColumnSpoilsTraining(string name)
    {
        var (head, outputs) = (Head.Parse(name), Catalogue.OutputsOf(Head.Parse(name)));
        var table = Bad(Catalogue.Table(Catalogue.Network($"{Features}", name, "tanh"), 150));
        var hashes = new[] { (1, 0), (2, 512), (3, 256), (1, 128) }.Select(engine =>
        {
            var result = Trainer.Fit(head, outputs, table, Options with { Engine = Catalogue.Engine(engine.Item1, engine.Item2) });
            var scores = new float[150 * outputs];
            result.Network.Score(table.Features, scores);
            Assert.All(scores, score => Assert.True(float.IsFinite(score), $"a score is {score}"));
            Assert.All(result.History, report => Assert.True(double.IsFinite(report.TrainingLoss) && double.IsFinite(report.ValidationLoss)));
            Assert.True(result.History[^1].TrainingLoss < result.History[0].TrainingLoss);
            var layer = Assert.IsType<RobustScale>(result.Network.Model.SignalOf("scaled").Layer);
            Assert.Equal([2, 8], layer.Indicators!);
            return result.WeightHash;
        }).ToList();
        Assert.All(hashes, hash => Assert.Equal(hashes[0], hash));
        Assert.True(Trainer.Fit(head, outputs, table.To<double>(), Options).BestEpoch > 0);
    }

    [Fact]
    public void OneRowIsEnough()
    {
        var result = Trainer.Fit(Head.Regression, 1, new Examples<float>(1, [1, float.NaN, 1e30f], [2f]), Options with { ValidationFraction = 0 });
        var score = new float[2];
        result.Network.Score([1, float.NaN, 1e30f, -1e30f, 5, float.NaN], score);
        Assert.All(score, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void OnlyTrainingRowsAreSeen()
    {
        var table = Catalogue.Table(Catalogue.Network("4", "regression", "tanh"), 60);
        var other = Catalogue.Table(Catalogue.Network("4", "regression", "tanh"), 60, seed: 11);
        Weights<float> Trained(Examples<float> validation)
            => Trainer.Fit(Head.Regression, table.TargetColumns, table, Options, validation).Network.CopyWeights();
        Assert.Equal(Trained(table)["scaled.center"], Trained(other)["scaled.center"]);

        // Split off: the median of the rows that are trained on, not of all.
        var model = Options.ModelFor(Head.Regression, 4, table.TargetColumns);
        var (training, _) = Split.Rows(model, table, 0.25, Streams.Of(Options.Seed, Streams.Splits));
        var split = Trainer.Fit(Head.Regression, table.TargetColumns, table, Options with { ValidationFraction = 0.25 }).Network.CopyWeights();
        Assert.Equal(Median(training.Select(row => table.Features[row * 4])), split["scaled.center"][0], 1e-7);
        Assert.NotEqual(Median(Enumerable.Range(0, 60).Select(row => table.Features[row * 4])), split["scaled.center"][0], 1e-7);
    }

    [Fact]
    public void TrainingThatGoesOnKeepsTheStatistics()
    {
        var table = Bad(Catalogue.Table(Catalogue.Network($"{Features}", "binary", "tanh"), 100));
        var first = Trainer.Fit(Head.Binary, 1, table, Options).Network;
        var shifted = new Examples<float>(100, [.. table.Features.Select(x => 2 * x + 1)], table.Targets);
        var second = Trainer.Fit(first, shifted, Options with { ValidationFraction = 0 }).Network;
        foreach (var tensor in new[] { "scaled.center", "scaled.scale" })
        {
            Assert.Equal(first.CopyWeights()[tensor], second.CopyWeights()[tensor]);
        }

        Assert.NotEqual(first.CopyWeights().Hash(), second.CopyWeights().Hash());
    }

    [Fact]
    public void LayersBehindOthersSeeWhatThoseGive()
    {
        var table = Catalogue.Table(Catalogue.Network("5", "regression", "tanh"), 80);
        Signal Layers(Signal x)
        {
            var (first, second) = (new Mean { Name = "first" }, new Mean { Name = "second" });
            return Signal.Concatenate(x.Columns(1, 2).Through(first).Apply(new Absolute()).Through(second), x.Columns(0, 1)).Linear(3);
        }

        var weights = Trainer.Fit(Head.Regression, table.TargetColumns, table, Options with { Layers = Layers, ValidationFraction = 0 }).Network.CopyWeights();
        var columns = Enumerable.Range(0, 2).Select(i => Enumerable.Range(0, 80).Select(row => (double)table.Features[row * 5 + 1 + i]).ToArray()).ToArray();
        for (var i = 0; i < 2; i++)
        {
            var mean = columns[i].Average();
            Assert.Equal((float)mean, weights["first.mean"][i]);
            // The differences are rounded to float before they are averaged: each by 2⁻²⁴ of a number below 4, and so the mean.
            Assert.Equal(columns[i].Average(x => Math.Abs(x - mean)), weights["second.mean"][i], 4 * 6e-8 * 2);
        }
    }

    [Fact]
    public void RowsInAFileGiveASample()
    {
        var table = Streamed.Classes(20_000);
        var options = Options with { MemoryCap = Streamed.Cap, BatchSize = 50, Epochs = 2 };
        var model = options.ModelFor(Head.Multiclass, Streamed.Columns, 3);
        for (var row = 0; row < table.Rows; row += 7)
        {
            table.Features[row * Streamed.Columns + 5] = float.NaN;
        }

        var results = new[] { 1, 3 }.Select(threads => Streamed.Fit(model, table, options with { Engine = Catalogue.Engine(threads, null) })).ToList();
        Assert.Equal(results[0].WeightHash, results[1].WeightHash);
        Assert.Equal([5], ((RobustScale)results[0].Network.Model.SignalOf("scaled").Layer!).Indicators!);
        var center = results[0].Network.CopyWeights()["scaled.center"].ToArray();
        var rows = FeatureSample<float>.MostRowsOfAFile(Streamed.Cap, Streamed.Columns);
        Assert.Equal(Streamed.Cap / 16 / (4 * Streamed.Columns), rows);
        for (var column = 0; column < Streamed.Columns; column++)
        {
            var values = Enumerable.Range(0, table.Rows).Select(row => table.Features[row * Streamed.Columns + column]).Where(float.IsFinite).ToArray();
            // The share of rows below a sample's median of n rows deviates by √(1/4n) from a half: five times that in none of sixty columns.
            var share = values.Count(value => value < center[column]) / (double)values.Length;
            Assert.InRange(share, 0.5 - 2.5 / Math.Sqrt(0.85 * rows), 0.5 + 2.5 / Math.Sqrt(0.85 * rows));
        }
    }

    [Fact]
    public void FewRowsGivenOneByOneAreFittedToAsATable()
    {
        var table = Bad(Catalogue.Table(Catalogue.Network($"{Features}", "multiclass", "tanh"), 200));
        var model = Options.ModelFor(Head.Multiclass, Features, 3);
        Assert.Equal(Trainer.Fit(model, table, Options).WeightHash, Streamed.Fit(model, table, Options).WeightHash);
    }

    [Fact]
    public void WhatIsMissingElsewhereIsRefusedAsBefore()
    {
        var table = Catalogue.Table(Catalogue.Network("4", "regression", "tanh"), 60);
        (table.Features[4 * 7 + 1], table.Features[4 * 9 + 3]) = (float.NaN, float.NaN);
        var options = Options with { Layers = x => Signal.Concatenate(x.Columns(0, 3).RobustScale(), x.Columns(3, 1)).Linear(4) };
        const string Message = "Feature 3 of training row 9 is NaN, not finite. Leave the row out, or replace the value.";
        Assert.Equal(Message, Assert.Throws<ArgumentException>(() => Trainer.Fit(Head.Regression, table.TargetColumns, table, options)).Message);
        var model = options.ModelFor(Head.Regression, 4, table.TargetColumns);
        Assert.Equal(
            Message.Replace("training", "usable training", StringComparison.Ordinal),
            Assert.Throws<ArgumentException>(() => Streamed.Fit(model, table, options)).Message);
    }

    [Fact]
    public void WhatCannotBeFittedIsRefused()
    {
        var table = Catalogue.Table(Catalogue.Network("4", "regression", "tanh"), 30);
        string Error(Func<Signal, Signal> layers) => Assert.Throws<ArgumentException>(() => Trainer.Fit(
            Head.Regression, table.TargetColumns, table, Options with { Layers = layers })).Message;
        Assert.Equal(
            "The layer robust scale 3 is fitted to rows before training, but stands behind 0.weight, which is learned. Put it before that layer.",
            Error(x => x.Linear(5).RobustScale()));
        Assert.Equal("The layer mean was fitted with 4 numbers for mean, which has 4, or one is NaN. Mend its Fit.",
            Error(x => x.Through(new Mean { Factor = double.NaN })));
        Assert.StartsWith(
            "The features are sparse, but a layer of the network is fitted to dense ones",
            Assert.Throws<ArgumentException>(() => Trainer.Fit(
                Options.ModelFor(Head.Multiclass, Streamed.Columns, 3), Streamed.Classes(90, sparse: true), Options)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void ACheckpointGoesOnWithTheFittedNetwork()
    {
        var path = Path.Combine(Path.GetTempPath(), $"backprop-{Guid.NewGuid()}");
        var table = Bad(Catalogue.Table(Catalogue.Network($"{Features}", "binary", "tanh"), 100));
        try
        {
            var whole = Trainer.Fit(Head.Binary, 1, table, Options).WeightHash;
            Trainer.Fit(Head.Binary, 1, table, Options with { Epochs = 3, Checkpoint = new(path) { EveryEpochs = 1 } });
            Assert.Equal(whole, Trainer.Fit(Head.Binary, 1, table, Options with { Checkpoint = new(path) { EveryEpochs = 1 } }).WeightHash);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The same table with columns 1 to 8 as <see cref="NoColumnSpoilsTraining"/> says.</summary>
    private static Examples<float> Bad(Examples<float> table)
    {
        var features = (float[])table.Features.Clone();
        for (var row = 0; row < table.Rows; row++)
        {
            var x = features.AsSpan(row * Features, Features);
            x[1] = 7;
            x[2] = float.NaN;
            x[3] = row % 20 == 3 ? 1e30f : x[3];
            x[4] *= 1e-44f;
            x[5] *= 1e30f;
            x[6] = row % 30 == 0 ? 1 : 0;
            x[7] = row % 2 == 0 ? float.MaxValue : -float.MaxValue;
            x[8] = row % 10 == 0 ? float.NaN : row % 25 == 1 ? float.NegativeInfinity : x[8];
        }

        return new(table.Rows, features, table.Targets, table.Weights);
    }

    private static double Median(IEnumerable<float> values)
    {
        var sorted = values.Select(value => (double)value).Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>A layer of one's own that subtracts what it was fitted with: each column's mean.</summary>
    private sealed class Mean : Layer, IFitted
    {
        public double Factor { get; init; } = 1;

        public override int ColumnsOf(IReadOnlyList<int> inputs) => Only(inputs);

        public override IReadOnlyList<LayerTensor> TensorsOf(IReadOnlyList<int> inputs)
            => [new("mean", 1, inputs[0], TensorLayout.Vector, new Zeros()) { Learned = false }];

        public FittedLayer Fit(LayerInput input) => new(
            this,
            new Dictionary<string, IReadOnlyList<double>> { ["mean"] = [.. Enumerable.Range(0, input.Columns).Select(column => Factor * input.Column(column).Average())] });

        public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode) => inputs[0] - tensors[0];

        public override string ToString() => "mean";
    }
}
