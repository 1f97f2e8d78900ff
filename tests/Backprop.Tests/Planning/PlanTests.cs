using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Training;

namespace Backprop.Tests.Planning;

/// <summary>What a plan promises beside its numbers: no allocation, fusion, no buffer shared by the living.</summary>
public class PlanTests
{
    [Fact]
    public void AStepAllocatesNothing()
    {
        var mlp = Mlp.Parse("20-40-3", Activation.Parse("relu"), Head.Multiclass);
        var (table, rows) = (Catalogue.Table(mlp, 32), Catalogue.Rows(32));
        using var step = new TrainingStep<float>(Initializers.Default<float>(mlp, 1), new Adam(), 32, Catalogue.Engine(1, null));
        step.Run(table, rows);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            step.Run(table, rows);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void AnMlpFusesToOneStepAProduct()
    {
        var graph = Mlp.Parse("20-40-30-3", Activation.Parse("silu"), Head.Multiclass).ToGraph();
        var gradients = Gradient.Build(graph.Loss, graph.Parameters);
        var updates = graph.Parameters.Zip(gradients).ToDictionary(p => p.First, p => p.Second);
        var recipes = Fuse.Recipes(new Topology([graph.Loss, .. gradients]), [graph.Loss], updates);
        // 3 forward products, 2 backward, 3 weight gradients, 3 bias gradients, 1 loss: nothing elementwise is left over.
        Assert.Equal(12, recipes.Count);
        Assert.DoesNotContain(recipes, recipe => recipe.Core.Op is Apply or ApplyGradient or RowSum or Add);
        Assert.Equal(6, recipes.Count(recipe => recipe.Updates is not null));
    }

    [Fact]
    public void BuffersAliveTogetherNeverOverlap()
    {
        var random = new TorchRandom(3);
        int Next(int below) => (int)(random.NextUInt32() % (uint)below);
        for (var round = 0; round < 200; round++)
        {
            var buffers = Enumerable.Range(0, 20).Select(_ => (Size: 1 + Next(100), From: Next(10), Length: Next(5))).Select(b => (b.Size, b.From, To: b.From + b.Length)).ToList();
            var (offsets, size) = Arena.Pack(buffers);
            for (var i = 0; i < buffers.Count; i++)
            {
                Assert.True(offsets[i] >= 0 && offsets[i] + buffers[i].Size <= size);
                for (var j = 0; j < i; j++)
                {
                    var alive = buffers[i].From <= buffers[j].To && buffers[j].From <= buffers[i].To;
                    var apart = offsets[i] + buffers[i].Size <= offsets[j] || offsets[j] + buffers[j].Size <= offsets[i];
                    Assert.True(!alive || apart, $"round {round}: buffers {i} and {j}");
                }
            }

            Assert.True(size <= buffers.Sum(b => b.Size));
        }
    }

    [Fact]
    public void AnUnknownWidthIsAnError()
    {
        var mlp = Mlp.Parse("2-2", Activation.Parse("relu"), Head.Multiclass);
        var error = Assert.Throws<ArgumentException>(() => new GradientPass<float>(mlp, 1, Catalogue.Engine(1, 64)));
        Assert.Equal("There are no vectors of 64 bits. Choose 512, 256, 128, or 0 for scalar code.", error.Message);
    }
}
