using System.Numerics;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>Sparse features give the bits of the same features with every zero written out.</summary>
public class SparseTests
{
    private static readonly Activation Silu = Activation.Parse("silu");

    public static TheoryData<int, int> OptimizersAndWidths
    {
        get
        {
            var data = new TheoryData<int, int>();
            foreach (var (optimizer, bits) in Enumerable.Range(0, Optimizer.All.Count).SelectMany(o => new[] { 512, 256, 128, 0 }.Select(bits => (o, bits))))
            {
                data.Add(optimizer, bits);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(OptimizersAndWidths))]
    public void WeightsAreTheDenseOnesForEveryThreadCountAndWidth(int optimizer, int bits)
    {
        WeightsAreTheDenseOnes<float>(Optimizer.All[optimizer], bits);
        WeightsAreTheDenseOnes<double>(Optimizer.All[optimizer], bits);
    }

    private static void WeightsAreTheDenseOnes<T>(Optimizer optimizer, int bits) where T : unmanaged, IFloatingPointIeee754<T>
    {
        // Large enough behind the sparse layer for threads to start.
        var mlp = Mlp.Parse("300-250-190-5", Silu, Head.Multiclass);
        var (sparse, dense) = SparseTables.Of<T>(mlp, 400, 9);
        var expected = Train(mlp, dense, optimizer, Catalogue.Engine(1, 512));
        foreach (var threads in new[] { 1, 2, 3, 8 })
        {
            var hash = Train(mlp, sparse, optimizer, Catalogue.Engine(threads, bits));
            Assert.True(expected == hash, $"{optimizer}, {typeof(T).Name}, {threads} threads, {bits} bits differ");
        }
    }

    private static string Train<T>(Mlp mlp, Examples<T> table, Optimizer optimizer, EngineOptions engine)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var weights = Initializers.Default<T>(mlp, 3);
        using var step = new TrainingStep<T>(weights, optimizer, 150, engine, table.SparseFeatures is not null);
        Assert.True(engine.Threads == step.Threads, "too small for threads");
        // The last batches are a partial one, one without any non-zero, and one of a row twice.
        foreach (var rows in Catalogue.Rows(400).Chunk(150).Concat([[0, 50], [200, 200]]))
        {
            step.Run(table, rows);
        }

        step.CopyWeightsTo(weights);
        return weights.Hash();
    }

    public static TheoryData<int, string> BatchesAndNetworks
    {
        get
        {
            var data = new TheoryData<int, string>();
            // Around chunks of 128 rows, chunks of 128 columns, and the edges of panels of 16 and 32.
            foreach (var rows in new[] { 3, 127, 128, 129, 257 })
            {
                foreach (var network in new[] { "1-3", "5-16-3", "31-17-3", "127-33-3", "128-32-3", "129-64-3", "256-31-3", "1000-65-3" })
                {
                    data.Add(rows, network);
                }
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(BatchesAndNetworks))]
    public void LossLogitsAndGradientsAreTheDenseOnes(int rows, string network)
    {
        GradientsAreTheDenseOnes<float>(rows, network);
        GradientsAreTheDenseOnes<double>(rows, network);
    }

    private static void GradientsAreTheDenseOnes<T>(int rows, string network) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var mlp = Mlp.Parse(network, Silu, Head.Multiclass);
        var weights = Initializers.Default<T>(mlp, 4);
        var (sparse, dense) = SparseTables.Of<T>(mlp, rows, 6);
        int[][] batches = [Catalogue.Rows(rows), [0], [1], [1, 1, 2], [0, 0]];
        foreach (var batch in batches)
        {
            var (expected, gradients) = (new Weights<T>(mlp), new Weights<T>(mlp));
            var (expectedLogits, logits) = (new T[batch.Length * 3], new T[batch.Length * 3]);
            using var densePass = new GradientPass<T>(mlp, rows, Catalogue.Engine(1, 512));
            var expectedLoss = densePass.Run(weights, dense, batch, expected, expectedLogits);
            foreach (var bits in new[] { 512, 256, 128, 0 })
            {
                using var pass = new GradientPass<T>(mlp, rows, Catalogue.Engine(1, bits), sparseFeatures: true);
                Assert.Equal(expectedLoss, pass.Run(weights, sparse, batch, gradients, logits));
                Assert.Equal(expectedLogits, logits);
                Assert.True(expected.Hash() == gradients.Hash(), $"{network}, {typeof(T).Name}, batch of {batch.Length}, {bits} bits: gradients differ");
            }
        }
    }

    [Theory, MemberData(nameof(Catalogue.OptimizerIndices), MemberType = typeof(Catalogue))]
    public void UpdatingAtOnceEqualsUpdatingFromKeptGradients(int optimizer)
    {
        var mlp = Mlp.Parse("200-20-3", Silu, Head.Multiclass);
        var (sparse, _) = SparseTables.Of<float>(mlp, 100, 5);
        foreach (var update in new[] { SparseUpdate.Dense, SparseUpdate.Lazy })
        {
            string Hash(bool keep)
            {
                var weights = Initializers.Default<float>(mlp, 3);
                using var step = new TrainingStep<float>(weights, Optimizer.All[optimizer], 30, Catalogue.Engine(1, null), true, update, null, null, keep);
                foreach (var rows in Catalogue.Rows(100).Chunk(30))
                {
                    step.Run(sparse, rows);
                }

                step.CopyWeightsTo(weights);
                return weights.Hash();
            }

            Assert.Equal(Hash(false), Hash(true));
        }
    }

    [Theory, MemberData(nameof(Catalogue.OptimizerIndices), MemberType = typeof(Catalogue))]
    public void AWholeTrainingGivesTheDenseOnesWeights(int optimizer)
    {
        var mlp = Catalogue.Network("150", "regression", "relu");
        var (sparse, dense) = SparseTables.Of<float>(mlp, 300, 8);
        var options = new TrainingOptions { Hidden = [20], Epochs = 4, Optimizer = Optimizer.All[optimizer], Engine = Catalogue.Engine(1, null) };
        var expected = Trainer.Fit(Head.Regression, 3, dense, options);
        Assert.Equal(expected.WeightHash, Trainer.Fit(Head.Regression, 3, sparse, options).WeightHash);
        // Validation rows may be of the other kind.
        var validated = Trainer.Fit(Head.Regression, 3, dense, options, dense);
        Assert.Equal(validated.WeightHash, Trainer.Fit(Head.Regression, 3, sparse, options, dense).WeightHash);
        Assert.Equal(validated.WeightHash, Trainer.Fit(Head.Regression, 3, dense, options, sparse).WeightHash);
        // To says the same in double.
        Assert.Equal(
            Trainer.Fit(Head.Regression, 3, dense.To<double>(), options).WeightHash, Trainer.Fit(Head.Regression, 3, sparse.To<double>(), options).WeightHash);
    }

    [Theory, InlineData(1, SparseUpdate.Dense), InlineData(1, SparseUpdate.Lazy), InlineData(2, SparseUpdate.Lazy)]
    public void AStepAllocatesNothing(int threads, SparseUpdate update)
    {
        var mlp = Mlp.Parse("500-400-300-3", Silu, Head.Multiclass);
        var (table, _) = SparseTables.Of<float>(mlp, 64, 9);
        var rows = Catalogue.Rows(64);
        using var step = new TrainingStep<float>(Initializers.Default<float>(mlp, 1), new Adam(), 64, Catalogue.Engine(threads, null), true, update);
        Assert.Equal(threads, step.Threads);
        void BatchesOfEverySize()
        {
            for (var i = 64; i > 0; i--)
            {
                step.Run(table, rows.AsSpan(0, i));
            }
        }

        // The first round makes room for the largest batch.
        BatchesOfEverySize();
        Assert.Equal(0, Allocations.Of(BatchesOfEverySize));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void OnlyTouchedWeightsAreReadAndWritten(bool lazyAdam)
    {
        // NaN in every weight of a column without non-zeros: one that was read or updated would show.
        var mlp = Mlp.Parse("1000-40-3", Silu, Head.Multiclass);
        var (table, _) = SparseTables.Of<float>(mlp, 60, 5);
        var touched = table.SparseFeatures!.ColumnIndices.ToArray().ToHashSet();
        var weights = Initializers.Default<float>(mlp, 1);
        for (var i = 0; i < 40 * 1000; i++)
        {
            weights["0.weight"][i] = touched.Contains(i % 1000) ? weights["0.weight"][i] : float.NaN;
        }

        var before = weights.Clone();
        Optimizer optimizer = lazyAdam ? new Adam() : new Sgd();
        using var step = new TrainingStep<float>(weights, optimizer, 60, null, true, lazyAdam ? SparseUpdate.Lazy : SparseUpdate.Dense);
        Assert.True(double.IsFinite(step.Run(table, Catalogue.Rows(60))));
        step.CopyWeightsTo(weights);
        for (var i = 0; i < 40 * 1000; i++)
        {
            var (was, now) = (before["0.weight"][i], weights["0.weight"][i]);
            Assert.True(
                touched.Contains(i % 1000) ? float.IsFinite(now) && now != was : float.IsNaN(now), $"weight {i % 1000} of unit {i / 1000}: {was} became {now}");
        }
    }

    [Fact]
    public void TheWrongKindOfTableIsRefused()
    {
        var mlp = Catalogue.Network("4", "multiclass", "relu");
        var (sparse, dense) = SparseTables.Of<float>(mlp, 3, 2);
        using var forDense = new TrainingStep<float>(new(mlp), new Sgd(), 3);
        using var forSparse = new TrainingStep<float>(new(mlp), new Sgd(), 3, null, true);
        Assert.StartsWith(
            "The table's features are sparse, and this was planned for dense ones.", Assert.Throws<ArgumentException>(() => forDense.Run(sparse, [0])).Message);
        Assert.StartsWith(
            "The table's features are dense, and this was planned for sparse ones.", Assert.Throws<ArgumentException>(() => forSparse.Run(dense, [0])).Message);
    }
}
