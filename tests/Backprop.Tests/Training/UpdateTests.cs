using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>What happens to gradients and weights around an optimizer.</summary>
public partial class UpdateTests
{
    private static readonly Mlp Net = Mlp.Parse("7-40-33-6", Activation.Parse("tanh"), Head.Multiclass);
    private static readonly Examples<float> Table = Catalogue.Table(Net, 60);

    [Fact]
    public void ABoundThatIsNeverReachedChangesNoBit()
    {
        foreach (var optimizer in new Optimizer[] { new Sgd { LearningRate = 0.1 }, new Adam(), new RmsProp { Momentum = 0.9, Centered = true } })
        {
            var plain = Train<float>(optimizer, null).Hash();
            Assert.Equal(plain, Train<float>(optimizer, new() { ClipNorm = 1e30 }).Hash());
            Assert.Equal(plain, Train<float>(optimizer, new() { ClipValue = 1e30 }).Hash());
        }
    }

    [Theory, InlineData(0.05, null), InlineData(null, 0.003), InlineData(0.05, 0.003)]
    public void GradientsAreClippedAsInPyTorch(double? norm, double? value)
    {
        var (weights, expected) = (Initializers.Default<double>(Net, 5), Initializers.Default<double>(Net, 5));
        var (table, optimizer) = (Table.To<double>(), new Sgd { LearningRate = 0.5, WeightDecay = 0.01 });
        var loops = new OptimizerLoops(optimizer, expected);
        using var step = new TrainingStep<double>(weights, optimizer, 20, Catalogue.Engine(1, null), updates: new() { ClipNorm = norm, ClipValue = value });
        foreach (var rows in Catalogue.Rows(60).Chunk(20))
        {
            step.Run(table, rows);
            var gradients = Textbook.Gradients(expected, table, rows).Gradients;
            var length = Math.Sqrt(gradients.Values.ToArray().Sum(g => g * g));
            Assert.Equal(norm is null ? double.NaN : length, step.GradientNorm, 1e-13);
            Assert.True(norm is null || length > norm, $"A norm of {length} needs no bound of {norm}.");
            foreach (ref var g in gradients.Values)
            {
                g *= norm is { } bound ? Math.Min(1, bound / (length + 1e-6)) : 1;
                g = value is { } most ? Math.Clamp(g, -most, most) : g;
            }

            loops.Step(gradients);
        }

        step.CopyWeightsTo(weights);
        AssertClose(expected, weights, 1e-13);
    }

    [Fact]
    public void SquaresOfFloatGradientsDoNotOverflow()
    {
        var mlp = Mlp.Parse("1-1", Activation.Parse("identity"), Head.Regression);
        var weights = new Weights<float>(mlp);
        using var step = new TrainingStep<float>(weights, new Sgd { LearningRate = 1 }, 1, Catalogue.Engine(1, null), updates: new() { ClipNorm = 1 });
        step.Run(new(1, [1], [-1e30f]), [0]);
        step.CopyWeightsTo(weights);
        Assert.Equal(Math.Sqrt(8) * 1e30, step.GradientNorm, 1e24);
        Assert.Equal(-Math.Sqrt(0.5), weights.Values[0], 1e-6);
        Assert.Equal(-Math.Sqrt(0.5), weights.Values[1], 1e-6);
    }

    [Fact]
    public void EqualBatchesAccumulateToOneLargeBatch()
    {
        var large = Train<double>(new Adam(), new(), batch: 30);
        AssertClose(large, Train<double>(new Adam(), new() { AccumulatedBatches = 3 }, batch: 10), 1e-11);
        var bounded = Train<double>(new Sgd { LearningRate = 0.5 }, new() { ClipNorm = 0.05 }, batch: 30);
        AssertClose(bounded, Train<double>(new Sgd { LearningRate = 0.5 }, new() { ClipNorm = 0.05, AccumulatedBatches = 3 }, batch: 10), 1e-13);
    }

    public static TheoryData<string> Reductions => ["multiclass(weights=0.2 1 5 0.5 0 2,ignore=2)", "multiclass(sum)", "multiclass(weights=3 1 5 0.5 0 2,sum)"];

    [Theory, MemberData(nameof(Reductions))]
    public void BatchesCountForWhatTheirMeanDividesBy(string head)
    {
        var mlp = new Mlp(Net.Sizes, Net.Activation, Head.Parse(head));
        foreach (var recompute in new[] { false, true })
        {
            Weights<double> Train(int batch, UpdateOptions updates)
            {
                var weights = Initializers.Default<double>(mlp, 5);
                var engine = Catalogue.Engine(1, null) with { Recompute = recompute };
                using var step = new TrainingStep<double>(weights, new Sgd { LearningRate = 0.1 }, batch, engine, updates: updates);
                // The last batch of class 2 alone: ignored by the first head.
                int[] order = [.. Catalogue.Rows(60).OrderBy(row => Table.Targets[row] == 2)];
                foreach (var rows in order.Chunk(batch))
                {
                    step.Run(Table.To<double>(), rows);
                }

                step.CopyWeightsTo(weights);
                return weights;
            }

            AssertClose(Train(60, new()), Train(6, new() { AccumulatedBatches = 10 }), 1e-12);
        }
    }

    [Fact]
    public void BatchesCountByTheirRows()
    {
        var (table, weights) = (Table.To<double>(), Initializers.Default<double>(Net, 5));
        using var step = new TrainingStep<double>(weights, new Sgd(), 20, Catalogue.Engine(1, null), updates: new() { AccumulatedBatches = 2 });
        step.Run(table, Catalogue.Rows(13));
        var between = Initializers.Default<double>(Net, 5);
        step.CopyWeightsTo(between);
        Assert.Equal(weights.Hash(), between.Hash());
        step.Run(table, [.. Enumerable.Range(13, 7)]);
        step.CopyWeightsTo(weights);
        AssertClose(Train<double>(new Sgd(), null, batch: 20, batches: 1), weights, 1e-14);
        Assert.Equal(1, step.Updates);
        step.Run(table, [5], last: true);
        Assert.Equal(2, step.Updates);
    }

    [Fact]
    public void AnEpochsLastUpdateTakesTheBatchesThatAreLeft()
    {
        var options = new TrainingOptions
        {
            Hidden = [5],
            Epochs = 1,
            BatchSize = 10,
            ValidationFraction = 0,
            Optimizer = new Sgd(),
            Engine = Catalogue.Engine(1, null),
            Updates = new() { AccumulatedBatches = 100 },
        };
        var accumulated = Trainer.Fit(Head.Multiclass, 6, Table.To<double>(), options).Network.CopyWeights();
        var whole = Trainer.Fit(Head.Multiclass, 6, Table.To<double>(), options with { BatchSize = 60, Updates = new() }).Network.CopyWeights();
        AssertClose(whole, accumulated, 1e-14);
    }

    [Fact]
    public void TheAverageFollowsTheWeights()
    {
        var (table, weights, average) = (Table.To<double>(), Initializers.Default<double>(Net, 5), new Weights<double>(Net));
        using var step = new TrainingStep<double>(
            weights, new Adam { LearningRate = 0.01 }, 20, Catalogue.Engine(1, null), updates: new() { AverageDecay = 0.9 });
        var expected = new double[weights.Values.Length];
        for (var t = 1; t <= 6; t++)
        {
            step.Run(table, [.. Enumerable.Range(0, 20)]);
            step.CopyWeightsTo(weights);
            for (var i = 0; i < expected.Length; i++)
            {
                expected[i] = t == 1 ? weights.Values[i] : 0.9 * expected[i] + 0.1 * weights.Values[i];
            }
        }

        step.CopyAverageTo(average);
        Assert.All(expected.Zip(average.Values.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-15));
        Assert.NotEqual(weights.Hash(), average.Hash());
    }

    [Fact]
    public void ValidationAndTheResultUseTheAverage()
    {
        var options = new TrainingOptions
        {
            Hidden = [5],
            Epochs = 3,
            BatchSize = 10,
            Optimizer = new Sgd { LearningRate = 0.5 },
            Engine = Catalogue.Engine(1, null),
            Updates = new() { AverageDecay = 0.95 },
        };
        var result = Trainer.Fit(Head.Multiclass, 6, Table, options, Table);
        var plain = Trainer.Fit(Head.Multiclass, 6, Table, options with { Updates = new() }, Table);
        // Training goes the same way, batch for batch; what is validated and kept is another.
        Assert.Equal(plain.History.Select(e => e.TrainingLoss), result.History.Select(e => e.TrainingLoss));
        Assert.NotEqual(plain.History[^1].ValidationLoss, result.History[^1].ValidationLoss);
        var best = result.Network.CopyWeights();
        using var pass = new GradientPass<float>(best.Model, 60, Catalogue.Engine(1, null));
        var loss = pass.Run(best, Table, Catalogue.Rows(60), new(best.Model), new float[60 * 6]);
        Assert.Equal(result.History[result.BestEpoch - 1].ValidationLoss, loss, 1e-5);
    }

    [Theory, InlineData(2, 256, false), InlineData(3, 128, true), InlineData(8, 0, false), InlineData(1, 512, true)]
    public void EverythingTogetherHasTheSameBitsOnAnyThreadsAndWidthAndRecomputed(int threads, int bits, bool recompute)
    {
        string Hash(int t, int b, bool again)
        {
            var mlp = Mlp.Parse("90-500-37-5", Activation.Parse("silu"), Head.Multiclass);
            var (weights, table) = (Initializers.Default<float>(mlp, 3), Catalogue.Table(mlp, 400));
            var updates = new UpdateOptions
            {
                Groups = [new("0.*") { LearningRateFactor = 0.5, L1 = 0.001 }, new("2.bias") { Frozen = true }],
                ClipNorm = 0.1,
                ClipValue = 0.01,
                AccumulatedBatches = 2,
                AverageDecay = 0.9,
            };
            using var step = new TrainingStep<float>(weights, new AdamW(), 100, Catalogue.Engine(t, b) with { Recompute = again }, updates: updates);
            foreach (var rows in Catalogue.Rows(400).Chunk(100))
            {
                step.Run(table, rows);
            }

            step.CopyAverageTo(weights);
            return weights.Hash();
        }

        Assert.Equal(Hash(1, 512, false), Hash(threads, bits, recompute));
    }

    [Fact]
    public void StepsThatGatherGradientsAllocateNothing()
    {
        using var step = new TrainingStep<float>(
            Initializers.Default<float>(Net, 1), new Adam(), 20, Catalogue.Engine(1, null),
            updates: new() { ClipNorm = 0.1, AccumulatedBatches = 2, AverageDecay = 0.9 });
        var rows = Catalogue.Rows(20);
        step.Run(Table, rows);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 51; i++)
            {
                step.Run(Table, rows);
            }
        }));
    }

    private static Weights<T> Train<T>(Optimizer optimizer, UpdateOptions? updates, int batch = 20, int batches = int.MaxValue)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        var weights = Initializers.Default<T>(Net, 5);
        using var step = new TrainingStep<T>(weights, optimizer, batch, Catalogue.Engine(1, null), updates: updates);
        foreach (var rows in Catalogue.Rows(60).Chunk(batch).Take(batches))
        {
            step.Run(Table.To<T>(), rows);
        }

        step.CopyWeightsTo(weights);
        return weights;
    }

    private static void AssertClose(Weights<double> expected, Weights<double> actual, double tolerance)
    {
        for (var i = 0; i < expected.Values.Length; i++)
        {
            Assert.True(Math.Abs(expected.Values[i] - actual.Values[i]) <= tolerance, $"weight {i}: {actual.Values[i]:R} instead of {expected.Values[i]:R}");
        }
    }
}
