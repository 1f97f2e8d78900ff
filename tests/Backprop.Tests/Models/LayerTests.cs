using System.Numerics;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Tests.Models;

/// <summary>Facts about every kind of layer in a network.</summary>
public class LayerTests
{
    private const int Rows = 21;

    // Differences err by h² f‴ / 6 + ε |f| / h; losses are near 1.
    private const double Step = 1e-5;
    private const double Tolerance = 1e-8;

    [Fact]
    public void EveryLayerIsInANetwork()
    {
        var layers = typeof(Layer).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Layer)) && !type.IsAbstract);
        var used = Networks.All.Values.SelectMany(model => model.Signals).Select(signal => signal.Layer?.GetType());
        // An operation of one's own is in CustomLayerTests: it is not saved.
        Assert.Equal([typeof(Custom)], layers.Except(used.OfType<Type>()));
    }

    [Theory]
    [MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void GradientsAreDifferencesOfTheLoss(string name)
    {
        var model = Networks.All[name];
        var (table, weights) = (Networks.Table(model, Rows), Initializers.Default<double>(model, 3));
        var (_, gradients) = Loss(model, weights, table);
        foreach (var tensor in weights.Tensors.Where(tensor => tensor.Learned))
        {
            // A few of each tensor: the first, the last, and some between.
            for (var i = 0; i < tensor.Length; i += Math.Max(1, (tensor.Length - 1) / 5))
            {
                ref var w = ref weights[tensor][i];
                var original = w;
                w = original + Step;
                var above = Loss(model, weights, table).Loss;
                w = original - Step;
                var below = Loss(model, weights, table).Loss;
                w = original;
                var (expected, actual) = ((above - below) / (2 * Step), gradients[tensor][i]);
                Assert.True(Math.Abs(expected - actual) <= Tolerance, $"{name}, {tensor.Name}[{i}]: differences {expected:R}, gradient {actual:R}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void TheSameBitsWithAnyThreadsAndWidth(string name)
    {
        foreach (var hashes in new[] { Train<float>(name), Train<double>(name) })
        {
            Assert.All(hashes, hash => Assert.Equal(hashes[0], hash));
        }
    }

    [Theory]
    [MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void SavedAndLoadedItScoresTheSame(string name)
    {
        var model = Networks.All[name];
        var (table, network) = (Networks.Table(model, Rows).To<float>(), new Network<float>(Initializers.Default<float>(model, 3)));
        using var stream = new MemoryStream();
        network.Save(new(stream));
        stream.Position = 0;
        var loaded = Network<float>.Load(new(stream));
        var (before, after, alone) = (new float[Rows * model.Outputs], new float[Rows * model.Outputs], new float[model.Outputs]);
        network.Score(table.Features, before);
        loaded.Score(table.Features, after);
        Assert.Equal(before, after);
        loaded.Score(table.Features.AsSpan(0, model.Inputs), alone);
        Assert.Equal(before[..model.Outputs], alone);
    }

    [Theory]
    [MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void ItLearns(string name)
    {
        var model = Networks.All[name];
        var table = Networks.Table(model, 200);
        var result = Trainer.Fit(model, table, new() { Epochs = 30, BatchSize = 33, ValidationFraction = 0, Optimizer = new Adam { LearningRate = 0.01 } });
        Assert.True(
            result.History[^1].TrainingLoss < 0.9 * result.History[0].TrainingLoss, $"{result.History[0].TrainingLoss} to {result.History[^1].TrainingLoss}");
    }

    [Fact]
    public void BatchNormGathersTheRunningStatistics()
    {
        var model = Model.Of(Signal.Features(1).BatchNorm(), Head.Regression);
        var weights = Initializers.Default<double>(model, 1);
        using var step = new TrainingStep<double>(weights, new Sgd(), 3);
        step.Run(new(3, [1.0, 2, 6], [0.0, 0, 0]), [0, 1, 2]);
        step.CopyWeightsTo(weights);
        // Mean 3, squares' mean 14/3, unbiased 7: 0.9 · old + 0.1 · new.
        Assert.Equal(0.3, weights["0.running_mean"][0], 1e-15);
        Assert.Equal(0.9 + 0.7, weights["0.running_var"][0], 1e-15);
        Assert.Equal(1, weights["0.num_batches_tracked"][0]);
        var error = Assert.Throws<ArgumentException>(() => step.Run(new(1, [1.0], [0.0]), [0]));
        Assert.StartsWith("A batch of 1 rows has no variance", error.Message);
    }

    [Fact]
    public void WithoutMomentumTheRunningStatisticsAreMeansOverBatches()
    {
        var model = Model.Of(Signal.Features(1).Through(new BatchNorm { Momentum = null }), Head.Regression);
        var weights = Initializers.Default<double>(model, 1);
        using var step = new TrainingStep<double>(weights, new Sgd(), 2);
        var table = new Examples<double>(6, [1, 3, 4, 4, -3, 3], new double[6]);
        step.Run(table, [0, 1]);
        step.Run(table, [2, 3]);
        step.Run(table, [4, 5]);
        step.CopyWeightsTo(weights);
        Assert.Equal((2 + 4 + 0) / 3.0, weights["0.running_mean"][0], 1e-15);
        Assert.Equal((2 + 0 + 18) / 3.0, weights["0.running_var"][0], 1e-14);
        Assert.Equal(3, weights["0.num_batches_tracked"][0]);
    }

    [Fact]
    public void ALastBatchOfOneRowIsLeftOutWhereBatchesAreNormalised()
    {
        var model = Model.Of(Signal.Features(7).BatchNorm().Linear(1), Head.Binary);
        var reports = Trainer.Fit(model, Networks.Table(model, 33), new() { Epochs = 2, BatchSize = 16, ValidationFraction = 0 }).History;
        Assert.All(reports, report => Assert.True(double.IsFinite(report.TrainingLoss)));
    }

    [Fact]
    public void WithoutItsStreamDropoutIsRefused()
    {
        var weights = Initializers.Default<float>(Networks.All["dropout"], 1);
        Assert.Contains("Give the stream", Assert.Throws<ArgumentException>(() => new TrainingStep<float>(weights, new Sgd(), 3)).Message);
    }

    [Fact]
    public void ACategoryThatIsNotThereIsRefused()
    {
        var network = new Network<float>(Initializers.Default<float>(Networks.All["embedding"], 1));
        var error = Assert.ThrowsAny<ArgumentException>(() => network.Score([0, 0, 0, 0, 0, 1, 4], new float[3]));
        Assert.Contains("4", error.Message);
    }

    private static (double Loss, Weights<double> Gradients) Loss(Model model, Weights<double> weights, Examples<double> table)
    {
        using var pass = new GradientPass<double>(model, Rows, new() { Threads = 1 }, random: new TorchRandom(9));
        var gradients = new Weights<double>(model);
        return (pass.Run(weights, table, Catalogue.Rows(Rows), gradients, new double[Rows * model.Outputs]), gradients);
    }

    private static List<string> Train<T>(string name) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var hashes = new List<string>();
        var model = Networks.All[name];
        foreach (var (threads, bits) in new[] { (1, 0), (2, 512), (3, 256), (1, 128) })
        {
            var (table, random) = (Networks.Table(model, 150).To<T>(), new TorchRandom(2));
            var weights = Initializers.Default<T>(model, random);
            using var step = new TrainingStep<T>(weights, new Adam(), 100, Catalogue.Engine(threads, bits), random: random);
            for (var i = 0; i < 4; i++)
            {
                step.Run(table, [.. Enumerable.Range(i * 10, 100)]);
            }

            step.CopyWeightsTo(weights);
            hashes.Add(weights.Hash());
        }

        return hashes;
    }
}
