using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Planning;

/// <summary>The promise: trained weights have the same bits for every thread count and vector width, run after run.</summary>
public class SameBitsTests
{
    // Large enough for threads to start, and with an edge in every dimension.
    private static readonly Mlp Net = Mlp.Parse("90-500-37-5", Activation.Parse("silu"), Head.Multiclass);

    [Theory, MemberData(nameof(Catalogue.OptimizerIndices), MemberType = typeof(Catalogue))]
    public void WeightsAreEqualForEveryThreadCountAndWidth(int optimizer)
    {
        var expected = Train<float>(Optimizer.All[optimizer], 1, 512, false);
        foreach (var bits in new[] { 512, 256, 128, 0 })
        {
            foreach (var threads in new[] { 1, 2, 3, 8 })
            {
                Assert.True(expected == Train<float>(Optimizer.All[optimizer], threads, bits, false), $"{threads} threads, {bits} bits differ");
            }
        }
    }

    [Fact]
    public void DoubleWeightsAreEqualForEveryWidth()
    {
        var hashes = new[] { 512, 256, 128, 0 }.Select(bits => Train<double>(new Adam(), 2, bits, false));
        Assert.Single(hashes.Distinct());
    }

    [Theory, MemberData(nameof(Catalogue.OptimizerIndices), MemberType = typeof(Catalogue))]
    public void UpdatingAtOnceEqualsUpdatingFromKeptGradients(int optimizer)
        => Assert.Equal(Train<float>(Optimizer.All[optimizer], 2, 512, false), Train<float>(Optimizer.All[optimizer], 2, 512, true));

    [Fact]
    public void ARowsScoreDoesNotDependOnItsBatch()
    {
        var network = new Network<float>(Initializers.Default<float>(Net, 3));
        var table = Catalogue.Table(Net, 300);
        var (together, alone) = (new float[300 * Net.Outputs], new float[Net.Outputs]);
        network.Score(table.Features, together);
        for (var row = 0; row < 300; row++)
        {
            network.Score(table.Features.AsSpan(row * Net.Inputs, Net.Inputs), alone);
            Assert.Equal(together.AsSpan(row * Net.Outputs, Net.Outputs).ToArray(), alone);
        }
    }

    private static string Train<T>(Optimizer optimizer, int threads, int bits, bool keepGradients)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        var weights = Initializers.Default<T>(Net, 3);
        var table = Catalogue.Table(Net, 400).To<T>();
        using var step = new TrainingStep<T>(weights, optimizer, 150, Catalogue.Engine(threads, bits), keepGradients);
        // The last batch is a partial one.
        foreach (var rows in Catalogue.Rows(400).Chunk(150))
        {
            step.Run(table, rows);
        }

        step.CopyWeightsTo(weights);
        return weights.Hash();
    }
}
