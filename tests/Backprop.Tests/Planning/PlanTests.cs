using System.Numerics;
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
    [Theory, InlineData("20-40-3", 1), InlineData("200-300-200-3", 2)]
    public void AStepAllocatesNothing(string sizes, int threads)
    {
        AllocatesNothing<float>(sizes, threads);
        AllocatesNothing<double>(sizes, threads);
    }

    private static void AllocatesNothing<T>(string sizes, int threads) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var mlp = Mlp.Parse(sizes, Activation.Parse("silu"), Head.Multiclass);
        var (table, rows) = (Catalogue.Table(mlp, 64).To<T>(), Catalogue.Rows(64));
        using var step = new TrainingStep<T>(Initializers.Default<T>(mlp, 1), new Adam(), 64, Catalogue.Engine(threads, null));
        Assert.Equal(threads, step.Threads);
        step.Run(table, rows);
        // The calling thread's share: the other workers run the same code.
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                step.Run(table, rows);
            }
        }));
    }

    [Theory, InlineData("300-512-512-10", 1), InlineData("300-512-512-10", 2), InlineData("2000-300-2", 2), InlineData("64-400-400-400-3", 1)]
    public void TrainingKeepsLittleBesideWeightsAndOptimizerState(string sizes, int threads)
    {
        const int batch = 64;
        var mlp = Mlp.Parse(sizes, Activation.Parse("relu"), Head.Multiclass);
        var (graph, optimizer, engine) = (mlp.ToGraph(training: true), new Adam(), Catalogue.Engine(threads, null));
        var gradients = Gradient.Build(graph.Loss, graph.Parameters);
        var updates = graph.Parameters.Zip(gradients).ToDictionary(p => p.First, p => p.Second);
        var store = Plan<float>.Store([graph.Loss, .. gradients], optimizer, graph.Parameters);
        var workspace = new Workspace<float>();
        using var training = new Plan<float>([graph.Loss], updates, optimizer, store, batch, engine, workspace);
        using var validation = new Plan<float>([graph.Loss], new Dictionary<Node, Node>(), null, store, batch, engine, workspace);
        Assert.Same(training.Value(graph.Input).Start.Buffer, validation.Value(graph.Input).Start.Buffer);

        long numbers = store.Values(graph.Parameters[0]).Start.Buffer.Length;
        numbers += training.Value(graph.Input).Start.Buffer.Length;
        // Adam remembers two numbers a weight.
        var beyond = numbers - 3 * mlp.Parameters;
        var bound = 1.5 * mlp.Parameters + batch * mlp.Sizes.Sum(size => (long)size);
        Assert.True(beyond <= bound, $"{beyond:N0} numbers beside weights and states; 1.5 x weights, and activations, are {bound:N0}");
    }

    [Theory, InlineData(1), InlineData(2)]
    public void ALossCanBeATermOfASum(int threads)
    {
        // mean loss + Σ w²: the sum must see this batch's loss, not the last one's, and w both gradients.
        var (x, t, e) = (Node.Input("x", 3), Node.Input("t", 1), Node.Input("e", 1));
        var w = Node.Parameter("w", 3, 1);
        var loss = ElementwiseLoss.Of(Loss.Of(new SquaredError()), x.Times(w), t, e);
        var total = loss + (w * w).SumRows();
        var gradient = Gradient.Build(total, [w])[0];
        var store = Plan<double>.Store([total, gradient], null, [w]);
        using var plan = new Plan<double>([total, gradient], new Dictionary<Node, Node>(), null, store, 2, Catalogue.Engine(threads, null));
        for (var value = 1; value <= 3; value++)
        {
            for (var i = 0; i < 3; i++)
            {
                store.Values(w)[i, 0] = value;
            }

            plan.Choose(x, [1, 1, 1, 2, 2, 2], [0, 1]);
            plan.Choose(t, [1, 1], [0, 1]);
            plan.Choose(e, null, [0, 1]);
            plan.Run(2, 0);
            var (first, second) = (3 * value - 1, 6 * value - 1);
            Assert.Equal((first * first + second * second) / 2.0 + 3 * value * value, plan.Value(total)[0, 0], 1e-12);
            Assert.Equal(first + 2 * second + 2 * value, plan.Value(gradient)[0, 0], 1e-12);
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public void TwoParametersWithOneGradientAreBothUpdated(bool nested)
    {
        // x (u + v) has one gradient for u and v; in (u + f(x w)) v it also passes through f.
        var (x, t, e) = (Node.Input("x", 2), Node.Input("t", 1), Node.Input("e", 1));
        var (u, v, w) = (Node.Parameter("u", 2, 1), Node.Parameter("v", 2, 1), Node.Parameter("w", 2, 1));
        var z = nested ? x.Times(u + v).Apply(Activation.Parse("tanh")) : x.Times(u + v);
        var loss = ElementwiseLoss.Of(Loss.Of(new SquaredError()), z + x.Times(w), t, e);
        Node[] parameters = [u, v, w];
        double[] Train(bool keep)
        {
            var gradients = Gradient.Build(loss, parameters);
            var optimizer = new Sgd { LearningRate = 0.1 };
            IReadOnlyList<Node> kept = keep ? [loss, .. gradients] : [loss];
            var store = Plan<double>.Store([loss, .. gradients], optimizer, parameters);
            using var plan = new Plan<double>(
                kept, parameters.Zip(gradients).ToDictionary(p => p.First, p => p.Second), optimizer, store, 2, Catalogue.Engine(1, null));
            plan.Choose(x, [1, 2, 3, 5], [0, 1]);
            plan.Choose(t, [1, -1], [0, 1]);
            plan.Choose(e, null, [0, 1]);
            plan.Run(2, 0.1);
            return [.. parameters.SelectMany(p => new[] { store.Values(p)[0, 0], store.Values(p)[1, 0] })];
        }

        var fused = Train(false);
        Assert.All(fused, weight => Assert.NotEqual(0, weight));
        Assert.Equal(Train(true), fused);
        Assert.Equal(fused[..2], fused[2..4]);
    }

    [Fact]
    public void AnMlpFusesToOneStepAProduct()
    {
        var graph = Mlp.Parse("20-40-30-3", Activation.Parse("silu"), Head.Multiclass).ToGraph(training: true);
        var gradients = Gradient.Build(graph.Loss, graph.Parameters);
        var updates = graph.Parameters.Zip(gradients).ToDictionary(p => p.First, p => p.Second);
        var recipes = Fuse.Recipes(new Topology([graph.Loss, .. gradients]), [graph.Loss], updates);
        // 3 forward products, 2 backward, 3 weight gradients, 3 bias gradients, 1 loss: nothing elementwise is left over.
        Assert.Equal(12, recipes.Count);
        Assert.DoesNotContain(recipes, recipe => recipe.Core.Op is Apply or ApplyGradient or Map);
        Assert.Equal(6, recipes.Count(recipe => recipe.Updates is not null));
    }

    [Theory, InlineData(1, 1, 10), InlineData(3, 300, 10), InlineData(5, 1000, 20_000), InlineData(4, 5000, 3000),
        InlineData(7, 129, 1 << 23), InlineData(2, 128, 0)]
    public void TasksCoverEachBlockOfAResultOnce(int panels, int rows, int k)
    {
        var tasks = panels * ((rows + Step<float>.BlockRows - 1) / Step<float>.BlockRows);
        var seen = new HashSet<(int, int)>();
        for (var task = 0; task < tasks; task++)
        {
            var (panel, row, count) = Step<float>.Place(task, panels, rows, k);
            Assert.InRange(panel, 0, panels - 1);
            Assert.Equal(0, row % Step<float>.BlockRows);
            Assert.Equal(Math.Min(Step<float>.BlockRows, rows - row), count);
            Assert.True(seen.Add((panel, row)), $"task {task} repeats panel {panel}, row {row}");
        }
    }

    [Theory, InlineData("512", 512), InlineData("256", 256), InlineData("128", 128), InlineData("0", 0)]
    public void TheEnvironmentChoosesTheWidthAndAnOptionOverrulesIt(string variable, int bits)
    {
        const string name = "BACKPROP_VECTOR_BITS";
        var before = Environment.GetEnvironmentVariable(name);
        try
        {
            // Other tests that run meanwhile get the same bits at any width.
            Environment.SetEnvironmentVariable(name, variable);
            Assert.Equal(bits, EngineOptions.Default.VectorBitsInUse);
            Assert.Equal(128, new EngineOptions { VectorBits = 128 }.VectorBitsInUse);
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, before);
        }
    }

    [Fact]
    public void BuffersAliveTogetherNeverOverlap()
    {
        var random = new TorchRandom(3);
        int Next(int below) => (int)(random.NextUInt32() % (uint)below);
        for (var round = 0; round < 200; round++)
        {
            var buffers = Enumerable.Range(0, 20).Select(_ => (Size: 1 + Next(100), From: Next(10), Length: Next(5)))
                .Select(b => (b.Size, b.From, To: b.From + b.Length)).ToList();
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
