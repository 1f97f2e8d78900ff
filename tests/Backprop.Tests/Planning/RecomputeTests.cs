using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Planning;
using Backprop.Tests.Models;
using Backprop.Training;
using MatrixProduct = Backprop.Graph.Ops.Product;

namespace Backprop.Tests.Planning;

/// <summary>Computing activations again instead of keeping them: less memory, the same bits.</summary>
public class RecomputeTests
{
    private const int Rows = 100;

    private static readonly Dictionary<string, Model> Deep = new()
    {
        ["relu"] = Mlp.Parse("9-40-40-40-40-40-40-40-40-40-3", Activation.Parse("relu"), Head.Multiclass),
        ["silu"] = Mlp.Parse("9-70-20-40-40-90-40-10-40-40-1", Activation.Parse("silu"), Head.Binary),
        // Its parameters fill no cache, so that it is planned by levels in either mode.
        ["wide"] = Mlp.Parse("9-250-250-250-250-250-250-2", Activation.Parse("tanh"), Head.Regression),
        ["residual"] = Model.Of(Repeat(Signal.Features(9).Linear(40), 8, h => h + h.Linear(40).Apply(new Silu()).Linear(40)).Linear(3), Head.Multiclass),
        ["shared"] = Model.Of(Shared().Linear(3), Head.Multiclass),
        ["heads"] = Model.Of(Heads()),
        ["layerNorm"] = Model.Of(Repeat(Signal.Features(9).Linear(40), 8, h => h + h.LayerNorm().Linear(40).Apply(new Silu())).Linear(3), Head.Multiclass),
        ["batchNorm"] = Model.Of(Repeat(Signal.Features(9), 8, h => h.Linear(40).BatchNorm().Apply(new Tanh())).Linear(3), Head.Multiclass),
        ["dropout"] = Model.Of(Repeat(Signal.Features(9), 8, h => h.Linear(40).Apply(new Tanh()).Dropout(0.2)).Linear(3), Head.Multiclass),
        ["units"] = Model.Of(Repeat(Signal.Features(9), 4, h => h.Linear(40).PRelu().Maxout(40, 2).Scale().RadialBasis(40, 9)).Linear(3), Head.Multiclass),
    };

    private static readonly UpdateOptions Gathered = new() { ClipNorm = 0.1, AccumulatedBatches = 2, AverageDecay = 0.9 };

    public static TheoryData<string> Names => [.. Deep.Keys];

    [Theory, MemberData(nameof(Names))]
    public void TrainedWeightsHaveTheSameBitsInLessMemory(string name)
    {
        var (model, table) = (Deep[name], Table(Deep[name]));
        var (expected, stored) = Train(model, table, new() { Threads = 1, VectorBits = 512 });
        foreach (var (threads, bits) in new[] { (1, 512), (1, 256), (1, 128), (1, 0), (2, 512), (3, 256) })
        {
            var (hash, bytes) = Train(model, table, new() { Threads = threads, VectorBits = bits, Recompute = true });
            Assert.True(expected == hash, $"{name} on {threads} threads at {bits} bits differs");
            Assert.True(bytes < stored, $"{name}: {bytes:N0} bytes, {stored:N0} where all is kept");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void ClippedAccumulatedAndKeptGradientsHaveTheSameBits(string name)
    {
        var (model, table, engine) = (Deep[name], Table(Deep[name]), new EngineOptions { Threads = 2 });
        Assert.Equal(Train(model, table, engine, Gathered).Hash, Train(model, table, engine with { Recompute = true }, Gathered).Hash);
        Assert.Equal(Train(model, table, engine).Hash, Train(model, table, engine with { Recompute = true }, keepGradients: true).Hash);
    }

    [Theory, MemberData(nameof(Names))]
    public void EveryGradientHasTheSameBits(string name)
    {
        var (model, table) = (Deep[name], Table(Deep[name]));
        SameBits.Assert<double>(Gradients(model, table, recompute: false), Gradients(model, table, recompute: true), name);
    }

    /// <summary>Shallow, but with every layer there is.</summary>
    [Theory, MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void NetworksOfEveryLayerHaveTheSameBits(string name)
    {
        var model = Networks.All[name];
        var table = Networks.Table(model, Rows);
        SameBits.Assert<double>(Gradients(model, table, recompute: false), Gradients(model, table, recompute: true), name);
        Assert.Equal(
            Train(model, table, new() { Threads = 1, VectorBits = 512 }).Hash,
                Train(model, table, new() { Threads = 3, VectorBits = 256, Recompute = true }).Hash);
    }

    [Fact]
    public void SparseFeaturesGiveTheSameBits()
    {
        var mlp = Mlp.Parse("90-40-40-40-40-40-40-3", Activation.Parse("tanh"), Head.Multiclass);
        var (sparse, _) = SparseTables.Of<float>(mlp, Rows, 4);
        var hashes = new[] { false, true }.Select(recompute =>
        {
            var weights = Initializers.Default<float>(mlp, 3);
            using var step = new TrainingStep<float>(weights, new Adam(), Rows, new() { Threads = 2, Recompute = recompute }, sparseFeatures: true);
            return Train(step, sparse, weights);
        });
        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public void SixtyFourLayersTakeAThirdOfTheMemoryAtMost()
    {
        var (stored, recomputed) = (Bytes(64, 256, 256, false), Bytes(64, 256, 256, true));
        Assert.True(3 * recomputed <= stored, $"{recomputed:N0} bytes instead of {stored:N0}");
    }

    [Fact]
    public void MemoryGrowsWithTheSquareRootOfTheDepth()
    {
        // 4 times the depth: 4 times what is kept, but twice what is recomputed.
        var (shallow, deep, deepest) = (Bytes(32, 32, 64, true), Bytes(128, 32, 64, true), Bytes(512, 32, 64, true));
        Assert.True(deep < 2.2 * shallow && deepest < 2.2 * deep, $"{shallow:N0}, {deep:N0} and {deepest:N0} bytes for 32, 128 and 512 layers");
    }

    [Fact]
    public void NothingIsComputedMoreThanTwice()
    {
        const int layers = 50;
        var graph = Deeply(layers, 8).ToGraph(training: true);
        var gradients = Gradient.Build(graph.Loss, graph.Parameters);
        Node[] results = [graph.Loss, .. gradients];
        var recomputation = new Recomputation(new(results), [graph.Loss]);
        var again = new Topology([.. results.Select(recomputation.Of)]).Order;
        int Count<TOp>(IReadOnlyList<Node> nodes) => nodes.Count(node => node.Op is TOp);
        var before = new Topology(results).Order;
        Assert.InRange(Count<Apply>(again), Count<Apply>(before) + layers / 2, 2 * Count<Apply>(before));
        // The forward products and their repetitions; those that pass gradients back are as many as before.
        Assert.InRange(Count<MatrixProduct>(again), Count<MatrixProduct>(before) + layers / 2, Count<MatrixProduct>(before) + layers);
        Assert.Equal(Count<TransposedProduct>(before), Count<TransposedProduct>(again));
        Assert.Equal(Count<MeanLoss>(before), Count<MeanLoss>(again));
    }

    private static Mlp Deeply(int layers, int width) => new([.. Enumerable.Repeat(width, layers), 3], Activation.Parse("relu"), Head.Multiclass);

    private static long Bytes(int layers, int width, int rows, bool recompute)
    {
        using var step = new TrainingStep<float>(
            Initializers.Default<float>(Deeply(layers, width), 1), new Sgd(), rows, new() { Threads = 1, Recompute = recompute });
        return step.WorkspaceBytes;
    }

    private static (string Hash, long Bytes) Train(
        Model model, Examples<double> table, EngineOptions engine, UpdateOptions? updates = null, bool keepGradients = false)
    {
        var weights = Initializers.Default<double>(model, 3);
        using var step = new TrainingStep<double>(weights, new Adam(), Rows, engine, false, SparseUpdate.Dense, updates, new(4), keepGradients);
        return (Train(step, table, weights), step.WorkspaceBytes);
    }

    /// <summary>Twenty steps, every other on a part of a batch; the hash of the weights.</summary>
    private static string Train<T>(TrainingStep<T> step, Examples<T> table, Weights<T> weights) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        for (var i = 0; i < 20; i++)
        {
            step.Run(table, Catalogue.Rows(i % 2 == 0 ? Rows : Rows / 3));
        }

        step.CopyWeightsTo(weights);
        return weights.Hash();
    }

    private static double[] Gradients(Model model, Examples<double> table, bool recompute)
    {
        var (weights, gradients) = (Initializers.Default<double>(model, 3), new Weights<double>(model));
        using var pass = new GradientPass<double>(model, Rows, new() { Threads = 2, Recompute = recompute }, random: new(4));
        var logits = new double[Rows * model.Outputs];
        var loss = pass.Run(weights, table, Catalogue.Rows(Rows), gradients, logits);
        return [loss, .. logits, .. gradients.Values];
    }

    private static Examples<double> Table(Model model)
    {
        var random = new TorchRandom(5);
        var (features, targets) = (new double[Rows * model.Inputs], new double[Rows * model.Targets]);
        random.FillUniform<double>(features, -2, 2);
        // Fits every head.
        for (var i = 0; i < targets.Length; i++)
        {
            targets[i] = random.NextUInt32() % 2;
        }

        return new(Rows, features, targets, null);
    }

    private static Signal Repeat(Signal signal, int times, Func<Signal, Signal> block)
        => Enumerable.Range(0, times).Aggregate(signal, (h, _) => block(h));

    private static Signal Shared()
    {
        var phi = new Linear(40);
        return Repeat(Signal.Features(9).Linear(40), 8, h => h.Through(phi).Apply(new Tanh()));
    }

    private static Output[] Heads()
    {
        var trunk = Repeat(Signal.Features(9), 4, h => h.Linear(40).Apply(new Tanh()));
        return [new(trunk.Linear(3), Head.Multiclass), new(Repeat(trunk, 4, h => h.Linear(30).Apply(new Sigmoid())).Linear(2), Head.Regression, 0.25)];
    }
}
