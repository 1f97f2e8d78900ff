using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Training;
using Number = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Tests.Training;

/// <summary>Lazy updates are the documented loops over single weights: those of untouched rows keep weight and memory as they are.</summary>
public class LazyUpdateTests
{
    private static readonly Mlp Net = Mlp.Parse("30-6-3", Activation.Parse("tanh"), Head.Multiclass);

    [Theory, MemberData(nameof(Catalogue.OptimizerIndices), MemberType = typeof(Catalogue))]
    public void TwelveLazyStepsEqualTheLoops(int index)
    {
        var optimizer = Optimizer.All[index];
        var (table, written) = SparseTables.Of<double>(Net, 60, 2);
        var (weights, expected) = (Initializers.Default<double>(Net, 5), Initializers.Default<double>(Net, 5));
        var loops = new OptimizerLoops(optimizer, expected);
        using var step = new TrainingStep<double>(weights, optimizer, 5, Catalogue.Engine(1, null), true, SparseUpdate.Lazy);
        foreach (var rows in Catalogue.Rows(60).Chunk(5))
        {
            step.Run(table, rows);
            var touched = rows.SelectMany(row => Enumerable.Range(0, 30).Where(column => written.Features[row * 30 + column] != 0)).ToHashSet();
            loops.Step(Textbook.Gradients(expected, written, rows).Gradients, (name, i) => name == "0.weight" ? touched.Contains(i % 30) : null);
        }

        step.CopyWeightsTo(weights);
        for (var i = 0; i < weights.Values.Length; i++)
        {
            // As in TenStepsEqualTheTextbooksLoops: where a gradient nearly vanishes Adam enlarges its last bits.
            Assert.True(Math.Abs(expected.Values[i] - weights.Values[i]) <= 1e-11, $"weight {i}: {weights.Values[i]:R} instead of {expected.Values[i]:R}");
        }
    }

    [Fact]
    public void LazyStepsHaveTheSameBitsForEveryThreadCountAndWidth()
    {
        var mlp = Mlp.Parse("300-250-190-5", Activation.Parse("silu"), Head.Multiclass);
        var (table, _) = SparseTables.Of<float>(mlp, 400, 9);
        string Train(Optimizer optimizer, int threads, int bits)
        {
            var weights = Initializers.Default<float>(mlp, 3);
            using var step = new TrainingStep<float>(weights, optimizer, 150, Catalogue.Engine(threads, bits), true, SparseUpdate.Lazy);
            foreach (var rows in Catalogue.Rows(400).Chunk(150))
            {
                step.Run(table, rows);
            }

            step.CopyWeightsTo(weights);
            return weights.Hash();
        }

        foreach (var optimizer in Optimizer.All)
        {
            var hashes = new[] { (512, 1), (512, 3), (256, 2), (128, 3), (0, 8) }.Select(engine => Train(optimizer, engine.Item2, engine.Item1));
            Assert.Single(hashes.Distinct());
        }
    }

    [Fact]
    public void AnUpdateThatRestsAtZeroChangesNoBitThere()
    {
        foreach (var optimizer in Optimizer.All)
        {
            optimizer.Accept(new Resting());
        }
    }

    private sealed class Resting : IOptimizerVisitor<bool>
    {
        public bool Visit<TUpdate>(IOptimizer<TUpdate> optimizer) where TUpdate : struct, IUpdate
        {
            foreach (var start in new[] { 0.0, -0.0, 1, -1e-300, double.Epsilon, double.MaxValue })
            {
                var (weight, first, second, third) = (new Number(start), new Number(0.5), default(Number), default(Number));
                optimizer.At(3, 0.1).Apply(new(0), ref weight, ref first, ref second, ref third);
                var rests = BitConverter.DoubleToInt64Bits(start) == BitConverter.DoubleToInt64Bits(weight.Vector);
                Assert.True(rests || !TUpdate.RestsAtZero, $"{optimizer}: {start} became {weight.Vector}");
                Assert.True(first.Vector == 0.5 || !TUpdate.RestsAtZero, $"{optimizer}: a memory of 0.5 became {first.Vector}");
            }

            return TUpdate.RestsAtZero;
        }
    }
}
