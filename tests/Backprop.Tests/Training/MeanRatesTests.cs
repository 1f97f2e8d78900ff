using System.Numerics;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>Networks of counts begin with the mean of the rows that they learn from, wherever those are; all others begin with zeros.</summary>
public sealed class MeanRatesTests : IDisposable
{
    private const int Rows = 90;

    private readonly string folder = Directory.CreateTempSubdirectory("backprop").FullName;

    /// <summary>The learning rate is next to nothing, so that first weights are the last ones.</summary>
    private static readonly TrainingOptions Options = new()
    {
        Hidden = [5],
        Epochs = 1,
        BatchSize = 16,
        ValidationFraction = 0,
        InitialOutputWeights = new Zeros(),
        InitialOutputBiases = new MeanRates(),
        Optimizer = new Adam(),
        Schedule = new ConstantRate { Factor = 1e-300, Duration = 100 },
        Engine = Catalogue.Engine(1, null),
    };

    public static TheoryData<string> Heads => [.. Head.All.Select(head => head.ToString())];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(Heads))]
    public void OnlyRatesBeginWithTheirMean(string name)
    {
        var (head, outputs) = (Head.Parse(name), Catalogue.OutputsOf(Head.Parse(name)));
        var table = Catalogue.Table(Catalogue.Network("6", name, "tanh"), Rows).To<double>();
        foreach (var members in new[] { 1, 3 })
        {
            var options = Options with { SharedMembers = members };
            var network = Trainer.Fit(head, outputs, table, options).Network;
            var zeros = Trainer.Fit(head, outputs, table, options with { InitialOutputBiases = new Zeros() }).Network;
            Assert.Equal(head == Head.Poisson, network.CopyWeights().Hash() != zeros.CopyWeights().Hash());
            if (head == Head.Poisson)
            {
                AssertMeans(network, Means(table, Catalogue.Rows(Rows)));
            }
        }
    }

    [Theory, InlineData(1e-9), InlineData(5), InlineData(1e6), InlineData(1e300)]
    public void TheMeanMayBeOfAnySize(double size)
    {
        var table = Table(target => size * target);
        AssertMeans(Trainer.Fit(Head.Poisson, 2, table, Options).Network, Means(table, Catalogue.Rows(Rows)));
    }

    [Fact]
    public void NoCountAtAllIsHalfOfOneInAllRows()
        => AssertMeans(Trainer.Fit(Head.Poisson, 2, Table(_ => 0), Options).Network, [0.5 / Rows, 0.5 / Rows]);

    [Fact]
    public void OnlyRowsThatAreLearnedCount()
    {
        var table = Table(target => target);
        var seed = Streams.Of(Options.Seed, Streams.Splits);
        var (training, _) = Split.Rows(Options.ModelFor(Head.Poisson, 3, 2), table, 0.3, seed);
        AssertMeans(Trainer.Fit(Head.Poisson, 2, table, Options with { ValidationFraction = 0.3 }).Network, Means(table, training));

        // Of several members each its own rows, and their mean is that of logarithms.
        var folds = Split.Folds(Options.ModelFor(Head.Poisson, 3, 2), table, 3, seed)!;
        double[][] means = [.. Enumerable.Range(0, 3).Select(fold => Means(table, [.. Catalogue.Rows(Rows).Where(row => folds[row] != fold)]))];
        AssertMeans(
            Trainer.Fit(Head.Poisson, 2, table, Options with { Members = 3, ValidationFraction = 0.3 }).Network,
            [.. Enumerable.Range(0, 2).Select(i => Math.Exp(means.Average(mean => Math.Log(mean[i]))))]);
    }

    [Fact]
    public void EveryHeadOfRatesHasItsOwnTargets()
    {
        var h = Signal.Features(3).Linear(4).Apply(new Tanh());
        var model = Model.Of(new Output(h.Linear(1, "a"), Head.Regression), new(h.Linear(1, "b"), Head.Poisson), new(h.Linear(1, "c"), Head.Poisson));
        var table = Table(target => target, targets: 3);
        var weights = Trainer.Fit(model, table, Options).Network.CopyWeights();
        var means = Means(table, Catalogue.Rows(Rows));
        Assert.Equal(0, weights["a.bias"][0], 1e-299);
        Assert.Equal(Math.Log(means[1]), weights["b.bias"][0], Rows * Math.ScaleB(1, -50));
        Assert.Equal(Math.Log(means[2]), weights["c.bias"][0], Rows * Math.ScaleB(1, -50));
    }

    [Fact]
    public void RowsInAFileGiveTheSame()
    {
        var classes = Streamed.Classes(9_000);
        var model = new Mlp([Streamed.Columns, 8, 1], Activation.Of(new Relu()), Head.Poisson);
        using var data = Streamed.DataOf(model, classes, Options with { MemoryCap = Streamed.Cap, CacheFolder = folder });
        var network = data.Fit().Network;
        Assert.True(data.FileBytes > 0);
        AssertMeans(network, Means(classes, Catalogue.Rows(classes.Rows)));
    }

    [Fact]
    public void TrainingThatGoesOnKeepsWhatItHas()
    {
        var (table, other) = (Table(target => target), Table(target => 7 * target));
        var options = Options with { Epochs = 2, Schedule = null, Checkpoint = new(Path.Combine(folder, "run.checkpoint")) };
        var (begun, resumed) = (Trainer.Fit(Head.Poisson, 2, table, options), Trainer.Fit(Head.Poisson, 2, table, options with { Epochs = 4 }));
        Assert.Equal(Trainer.Fit(Head.Poisson, 2, table, options with { Epochs = 4, Checkpoint = null }).WeightHash, resumed.WeightHash);
        Assert.NotEqual(begun.WeightHash, resumed.WeightHash);
        Assert.Equal(begun.WeightHash, Trainer.Fit(begun.Network, other, Options).WeightHash);
    }

    /// <summary>Every row's scores are these, but for roundings.</summary>
    private static void AssertMeans<T>(Network<T> network, double[] means) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (scores, features) = (new T[2 * means.Length], new T[2 * network.Model.Inputs]);
        features.AsSpan(network.Model.Inputs).Fill(T.One);
        network.Score(features, scores);
        for (var i = 0; i < scores.Length; i++)
        {
            // Half a unit of the bias is as much in the exponent; a unit each for logarithm and exponential, and up to two for each row of a mean.
            var (mean, unit) = (means[i % means.Length], double.CreateTruncating(T.BitIncrement(T.One) - T.One));
            var error = mean * (unit * (Math.Abs(Math.Log(mean)) + 2) + 2 * Rows * Math.ScaleB(1, -52));
            Assert.Equal(mean, double.CreateTruncating(scores[i]), error);
        }
    }

    private static double[] Means<T>(Examples<T> table, int[] rows) where T : unmanaged, IFloatingPointIeee754<T>
    {
        double Weight(int row) => double.CreateTruncating(table.Weights![row]);
        var all = rows.Sum(Weight);
        return [.. Enumerable.Range(0, table.TargetColumns).Select(i => rows.Sum(
            row => Weight(row) / all * double.CreateTruncating(table.Targets[row * table.TargetColumns + i])))];
    }

    /// <summary>Rows of three features, of which some weigh more, with counts from 0 to 10 that a function may change.</summary>
    private static Examples<double> Table(Func<double, double> change, int targets = 2)
    {
        var (random, features, weights) = (new TorchRandom(4), new double[3 * Rows], new double[Rows]);
        random.FillNormal<double>(features, 0, 1);
        random.FillUniform<double>(weights, 0.1, 3);
        return new(Rows, features, [.. Enumerable.Range(0, targets * Rows).Select(_ => change(random.NextUInt32() % 11))], weights);
    }
}
