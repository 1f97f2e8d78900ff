using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>The training loop: learns, stops, keeps the best, repeats itself, and refuses what makes no sense.</summary>
public class TrainerTests
{
    private static readonly TrainingOptions Small = new() { Hidden = [8], Epochs = 30, BatchSize = 16, Engine = Catalogue.Engine(1, null) };

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void XorIsLearned(long seed)
    {
        var xor = new Examples<float>(4, [0, 0, 0, 1, 1, 0, 1, 1], [0, 1, 1, 0]);
        var options = Small with
        {
            Epochs = 500,
            BatchSize = 4,
            Seed = seed,
            ValidationFraction = 0,
            Activation = Activation.Parse("tanh"),
            Optimizer = new Adam { LearningRate = 0.05 },
        };
        var result = Trainer.Fit(Head.Binary, 1, xor, options);
        Assert.True(result.History[^1].TrainingLoss < 1e-2, $"loss {result.History[^1].TrainingLoss}");
        var scores = new float[4];
        result.Network.Score(xor.Features, scores);
        Assert.Equal([false, true, true, false], scores.Select(s => s > 0));
    }

    [Fact]
    public void ALabelsUnitsDoNotMatter()
    {
        // Labels near a million with a spread of 1000: predictions come back in those units.
        var table = Linear(400, x => 1e6f + 1000 * x);
        var result = Trainer.Fit(Head.Regression, 1, table, Small with { Epochs = 60 });
        var scores = new float[400];
        result.Network.Score(table.Features, scores);
        var rmse = Math.Sqrt(scores.Zip(table.Targets, (a, b) => Math.Pow(a - b, 2)).Average());
        Assert.True(rmse < 150, $"RMSE {rmse} of a spread of 1000");
    }

    [Fact]
    public void TheBestEpochsWeightsAreKept()
    {
        var mlp = Catalogue.Network("6", "multiclass", "relu");
        var table = Catalogue.Table(mlp, 200);
        // Random labels: validation soon gets worse.
        var options = Small with { Hidden = [64], Epochs = 100, Patience = 5, Optimizer = new Adam { LearningRate = 0.02 } };
        var result = Trainer.Fit(Head.Multiclass, 3, table, options);
        Assert.True(result.History.Count < 100, "early stopping never stopped");
        Assert.Equal(result.BestEpoch + 5, result.History.Count);
        Assert.Equal(result.History.MinBy(r => r.ValidationLoss)!.Epoch, result.BestEpoch);
        var again = Trainer.Fit(Head.Multiclass, 3, table, options with { Epochs = result.BestEpoch });
        Assert.Equal(again.WeightHash, result.WeightHash);
        Assert.Equal(result.WeightHash, result.Network.CopyWeights().Hash());
    }

    [Fact]
    public void InitialWeightsAndBiasesAreAsChosen()
    {
        var table = Catalogue.Table(Catalogue.Network("6", "binary", "relu"), 100);
        // A rate too small to move any weight.
        var options =
            Small with { Epochs = 1, InitialWeights = new XavierNormal(), InitialBiases = new Constant(), Optimizer = new Sgd { LearningRate = 1e-30 } };
        var weights = Trainer.Fit(Head.Binary, 1, table, options).Network.CopyWeights();
        var expected = new float[6 * 8];
        new TorchRandom(options.Seed).FillNormal<float>(expected, 0, Math.Sqrt(2.0 / 14));
        Assert.Equal(expected, weights["0.weight"]);
        Assert.Equal([0.1f], weights["2.bias"]);
    }

    [Fact]
    public void TheSeedDecidesEverything()
    {
        var table = Catalogue.Table(Catalogue.Network("6", "binary", "relu"), 100);
        string Hash(long seed, int threads)
            => Trainer.Fit(Head.Binary, 1, table, Small with { Seed = seed, Engine = Catalogue.Engine(threads, null) }).WeightHash;
        Assert.Equal(Hash(1, 1), Hash(1, 2));
        Assert.NotEqual(Hash(1, 1), Hash(2, 1));
    }

    [Fact]
    public void GivenValidationRowsAreUsed()
    {
        var table = Linear(100, x => x);
        var result = Trainer.Fit(Head.Regression, 1, table, Small with { Epochs = 3 }, Linear(30, x => x + 5));
        // Labels off by 5 of a spread below 1: the validation loss must show it.
        Assert.All(result.History, report => Assert.True(report.ValidationLoss > 10, $"{report.ValidationLoss}"));
    }

    [Fact]
    public void NeighbouringSeedsShareNoStream()
    {
        var seeds = Enumerable.Range(0, 1000).SelectMany(s => new[] { s, Streams.Of(s, Streams.Shuffles), Streams.Of(s, Streams.Splits) });
        Assert.Equal(3000, seeds.Distinct().Count());
    }

    [Fact]
    public void TrainingRunsInDoubleToo()
    {
        var table = Linear(200, x => 3 * x).To<double>();
        var result = Trainer.Fit(Head.Regression, 1, table, Small with { Epochs = 300 });
        var score = new double[1];
        result.Network.Score([0.5], score);
        Assert.Equal(1.5, score[0], 0.15);
    }

    [Fact]
    public void OneRowAndABatchLargerThanTheDataAreEnough()
    {
        var result = Trainer.Fit(Head.Regression, 1, new Examples<float>(1, [1, 2], [7]), Small with { BatchSize = 100 });
        var score = new float[1];
        result.Network.Score([1, 2], score);
        // A constant label is its own mean: what the network adds is small beside the standardised unit of 1.
        Assert.Equal(7, score[0], 1.0);
    }

    [Fact]
    public void CancellationStopsAtTheNextBatch()
    {
        using var source = new CancellationTokenSource();
        var seen = 0;
        var options = Small with { Epochs = 1000, Progress = report => { seen = report.Epoch; source.Cancel(); } };
        var table = Catalogue.Table(Catalogue.Network("6", "binary", "relu"), 100);
        Assert.Throws<OperationCanceledException>(() => Trainer.Fit(Head.Binary, 1, table, options, null, source.Token));
        Assert.Equal(1, seen);
    }

    [Fact]
    public void SeveralTrainingsAtOnceDoNotDisturbEachOther()
    {
        var table = Catalogue.Table(Catalogue.Network("40", "multiclass", "relu"), 300);
        var options = Small with { Hidden = [100, 60], Epochs = 4, BatchSize = 100, Engine = Catalogue.Engine(3, null) };
        var alone = Trainer.Fit(Head.Multiclass, 3, table, options with { Engine = Catalogue.Engine(1, null) }).WeightHash;
        var hashes = new string[12];
        Parallel.For(0, hashes.Length, new() { MaxDegreeOfParallelism = 6 }, i =>
        {
            // Some are stopped half-way, by a callback that fails or by cancellation, while the others go on.
            using var cancellation = new CancellationTokenSource();
            var own = options with
            {
                Progress = report =>
                {
                    if (report.Epoch == 2 && i % 3 == 1)
                    {
                        throw new InvalidOperationException($"callback of training {i}");
                    }

                    if (report.Epoch == 2 && i % 3 == 2)
                    {
                        cancellation.Cancel();
                    }
                },
            };
            string Train() => Trainer.Fit(Head.Multiclass, 3, table, own, cancellation: cancellation.Token).WeightHash;
            hashes[i] = (i % 3) switch
            {
                0 => Train(),
                1 => Assert.Throws<InvalidOperationException>(Train).Message,
                _ => Assert.Throws<OperationCanceledException>(Train).GetType().Name,
            };
        });
        Assert.All(hashes.Index(), entry => Assert.Equal(
            (entry.Index % 3) switch { 0 => alone, 1 => $"callback of training {entry.Index}", _ => nameof(OperationCanceledException) }, entry.Item));
        Assert.Equal(alone, Trainer.Fit(Head.Multiclass, 3, table, options).WeightHash);
    }

    [Fact]
    public void ExampleWeightsCount()
    {
        // Each point appears with both labels; the weights decide which one wins.
        var table = new Examples<float>(4, [1, 1, -1, -1], [0, 1, 0, 1], [1, 9, 9, 1]);
        var result = Trainer.Fit(Head.Binary, 1, table, Small with { Hidden = [], Epochs = 3000, BatchSize = 4, ValidationFraction = 0, Optimizer = new Adam { LearningRate = 0.02 } });
        var scores = new float[2];
        result.Network.Score([1, -1], scores);
        Assert.Equal([0.9, 0.1], scores.Select(s => (double)Network<float>.Probability(s)), (a, b) => Math.Abs(a - b) < 0.01);
    }

    [Fact]
    public void ALossThatLeavesTheNumbersIsAnError()
    {
        var options = Small with { Optimizer = new Sgd { LearningRate = 1e30 }, Hidden = [8, 8] };
        var error = Assert.Throws<ArithmeticException>(() => Trainer.Fit(Head.Regression, 1, Linear(200, x => x), options));
        Assert.Contains("Lower the learning rate from 1E+30", error.Message);
    }

    [Theory, InlineData(1), InlineData(3)]
    public void AnOverflowInTheVeryLastUpdateIsNoticed(int epochs)
    {
        // One batch an epoch: the loss is measured before the update that ruins the weights.
        var options = Small with { Optimizer = new Sgd { LearningRate = 1e300 }, BatchSize = 200, ValidationFraction = 0, Epochs = epochs };
        Assert.Throws<ArithmeticException>(() => Trainer.Fit(Head.Regression, 1, Linear(200, x => x), options));
    }

    [Fact]
    public void TablesNothingCanBeLearnedFromAreRefused()
    {
        string Error(Examples<float> table, Examples<float>? validation = null)
            => Assert.Throws<ArgumentException>(() => Trainer.Fit(Head.Regression, 1, table, Small, validation)).Message;
        Assert.StartsWith("Feature 1 of training row 1 is NaN", Error(new(2, [1, 2, 3, float.NaN], [1, 2])));
        Assert.StartsWith("The label of training row 1 is Infinity", Error(new(2, [1, 2], [1, float.PositiveInfinity])));
        Assert.StartsWith("The weight of training row 0 is 0", Error(new(2, [1, 2], [1, 2], [0, 1])));
        Assert.StartsWith("Validation rows of 2 features", Error(new(2, [1, 2], [1, 2]), new(1, [1, 2], [1])));
    }

    [Fact]
    public void HyperParametersOutOfRangeAreRefused()
    {
        Assert.StartsWith(
            "LearningRate is NaN, not a finite number above 0.", Assert.Throws<ArgumentException>(() => new Adam { LearningRate = double.NaN }).Message);
        Assert.StartsWith("Beta1 is 1, not from 0 to below 1.", Assert.Throws<ArgumentException>(() => new Adam { Beta1 = 1 }).Message);
        Assert.StartsWith("Momentum is -0.1, not from 0 to below 1.", Assert.Throws<ArgumentException>(() => new Sgd { Momentum = -0.1 }).Message);
    }

    public static TheoryData<string, TrainingOptions> BadOptions => new()
    {
        { "Epochs is 0, not 1 or more.", Small with { Epochs = 0 } },
        { "BatchSize is -1, not 1 or more.", Small with { BatchSize = -1 } },
        { "Patience is 0, not 1 or more.", Small with { Patience = 0 } },
        { "ValidationFraction is 1, not from 0 to below 1.", Small with { ValidationFraction = 1 } },
        { "Layer size 2 is 0, outside 1 to 1048576.", Small with { Hidden = [0] } },
        { "A batch of 9 rows on -1 threads cannot be planned.", Small with { Engine = Catalogue.Engine(-1, null) } },
    };

    [Theory, MemberData(nameof(BadOptions))]
    public void BadOptionsAreRefused(string message, TrainingOptions options)
    {
        var error = Assert.Throws<ArgumentException>(() => Trainer.Fit(Head.Regression, 1, Linear(10, x => x), options));
        Assert.StartsWith(message, error.Message);
    }

    private static Examples<float> Linear(int rows, Func<float, float> label)
    {
        var x = new float[rows];
        new TorchRandom(9).FillUniform<float>(x, -1, 1);
        return new(rows, x, Array.ConvertAll(x, v => label(v)));
    }
}
