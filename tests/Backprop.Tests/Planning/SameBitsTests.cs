using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Training;

namespace Backprop.Tests.Planning;

/// <summary>The promise: trained weights have the same bits for every thread count and vector width, run after run.</summary>
public class SameBitsTests
{
    // Large enough for threads to start, with an edge in every dimension; the weights of the first fit a cache, so that each worker
    // takes its rows through all of them, the second's do not.
    private static readonly Mlp Net = Mlp.Parse("90-500-37-5", Activation.Parse("silu"), Head.Multiclass);
    private static readonly Mlp Wide = Mlp.Parse("601-450-5", Activation.Parse("tanh"), Head.Multiclass);

    public static TheoryData<int, bool> Cases
    {
        get
        {
            var data = new TheoryData<int, bool>();
            foreach (var optimizer in Enumerable.Range(0, Optimizer.All.Count))
            {
                data.Add(optimizer, false);
                data.Add(optimizer, true);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void WeightsAreEqualForEveryThreadCountAndWidth(int optimizer, bool wide)
    {
        var mlp = wide ? Wide : Net;
        var expected = Train<float>(mlp, Optimizer.All[optimizer], 1, 512, false);
        foreach (var (bits, threads) in Engines(optimizer))
        {
            Assert.True(expected == Train<float>(mlp, Optimizer.All[optimizer], threads, bits, false), $"{threads} threads, {bits} bits differ");
        }
    }

    // In chains of rows where the weights fit a cache, and step by step where they do not.
    [Theory]
    [InlineData("90-200-37", "multiclass(smoothing=0.1,weights=1 2 0.5,ignore=1)"), InlineData("601-450", "multiclass(smoothing=0.1,weights=1 2 0.5,ignore=1)")]
    [InlineData("90-200-37", "multiclass(probabilities)"), InlineData("90-200-37", "quantile(0.1,0.5,0.9)"), InlineData("90-200-37", "gaussian")]
    [InlineData("90-200-37", "poisson"), InlineData("90-200-37", "regression(huber(0.5),sum)"), InlineData("90-200-37", "binary(positive=3)")]
    public void EveryHeadGivesTheSameBits(string inner, string head)
    {
        var mlp = Catalogue.Network(inner, head, "tanh");
        // A sum's gradients are as many times as large.
        var optimizer = new Sgd { LearningRate = head.Contains("sum", StringComparison.Ordinal) ? 1e-4 : 0.01 };
        var expected = Train<float>(mlp, optimizer, 1, 512, false);
        foreach (var (threads, bits) in new[] { (2, 512), (3, 256), (8, 128), (1, 0) })
        {
            Assert.True(expected == Train<float>(mlp, optimizer, threads, bits, false), $"{threads} threads, {bits} bits differ");
        }

        Assert.Equal(expected, Train<float>(mlp, optimizer, 2, 512, true));
    }

    /// <summary>Every thread count at every width for the first optimizer; for the others, which only exchange the update, each of both once.</summary>
    private static IEnumerable<(int Bits, int Threads)> Engines(int optimizer)
        => from bits in new[] { 512, 256, 128, 0 }.Index()
           from threads in new[] { 1, 2, 3, 8 }.Index()
           where optimizer == 0 || (bits.Index + optimizer + threads.Index) % 4 == 0
           select (bits.Item, threads.Item);

    [Fact]
    public void DoubleWeightsAreEqualForEveryWidth()
    {
        var hashes = new[] { 512, 256, 128, 0 }.Select(bits => Train<double>(Net, new Adam(), 2, bits, false));
        Assert.Single(hashes.Distinct());
    }

    [Theory, MemberData(nameof(Cases))]
    public void UpdatingAtOnceEqualsUpdatingFromKeptGradients(int optimizer, bool wide)
    {
        var mlp = wide ? Wide : Net;
        Assert.Equal(Train<float>(mlp, Optimizer.All[optimizer], 2, 512, false), Train<float>(mlp, Optimizer.All[optimizer], 2, 512, true));
    }

    // The widest result ends in whole tiles of a single row, in a part of one, and in a part of a panel.
    [Theory, InlineData("90-500-37-5"), InlineData("300-256-160-3"), InlineData("7-3"), InlineData("129-300-40")]
    public void ARowsScoreDoesNotDependOnItsBatchOrTheThreads(string sizes)
    {
        var mlp = Mlp.Parse(sizes, Activation.Parse("silu"), Head.Multiclass);
        ScoresAreEqual<float>(mlp);
        ScoresAreEqual<double>(mlp);
    }

    private static void ScoresAreEqual<T>(Mlp mlp) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        const int rows = 600;
        var network = new Network<T>(Initializers.Default<T>(mlp, 3));
        var table = Catalogue.Table(mlp, rows).To<T>();
        var (together, threaded, alone) = (new T[rows * mlp.Outputs], new T[rows * mlp.Outputs], new T[mlp.Outputs]);
        network.Score(table.Features, together, threads: 1);
        network.Score(table.Features, threaded, threads: 3);
        SameBits.Assert<T>(together, threaded, $"{mlp} on threads");
        for (var row = 0; row < rows; row++)
        {
            network.Score(table.Features.AsSpan(row * mlp.Inputs, mlp.Inputs), alone);
            SameBits.Assert<T>(together.AsSpan(row * mlp.Outputs, mlp.Outputs), alone, $"{mlp}, row {row} alone");
        }
    }

    private static string Train<T>(Mlp mlp, Optimizer optimizer, int threads, int bits, bool keepGradients)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        var weights = Initializers.Default<T>(mlp, 3);
        var table = Catalogue.Table(mlp, 400).To<T>();
        using var step = new TrainingStep<T>(weights, optimizer, 150, Catalogue.Engine(threads, bits), false, SparseUpdate.Dense, null, null, keepGradients);
        // The last batch is a partial one.
        foreach (var rows in Catalogue.Rows(400).Chunk(150))
        {
            step.Run(table, rows);
        }

        step.CopyWeightsTo(weights);
        return weights.Hash();
    }
}
