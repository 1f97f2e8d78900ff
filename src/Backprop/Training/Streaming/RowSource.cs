using System.Numerics;
using System.Security.Cryptography;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Some rows of a table.</summary>
internal readonly ref struct RowBatch<T>(Examples<T> table, ReadOnlySpan<int> rows) where T : unmanaged, IFloatingPointIeee754<T>
{
    public Examples<T> Table { get; } = table;

    public ReadOnlySpan<int> Rows { get; } = rows;
}

/// <summary>Rows that are visited in passes, batch by batch, wherever they are kept.</summary>
internal abstract class RowSource<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>How many rows there are.</summary>
    public abstract long Rows { get; }

    /// <summary>Whether their features are sparse.</summary>
    public abstract bool SparseFeatures { get; }

    /// <summary>Rows of the pass that were visited; below 0 outside a pass.</summary>
    public long Position { get; protected set; } = -1;

    /// <summary>Begins a pass in a new random order.</summary>
    /// <param name="random">Draws the order.</param>
    /// <param name="batch">Rows of every batch but the last.</param>
    public abstract void Shuffle(TorchRandom random, int batch);

    /// <summary>Begins a pass in an order that is always the same.</summary>
    /// <param name="batch">Rows of every batch but the last.</param>
    public abstract void Rewind(int batch);

    /// <summary>The next batch of the pass; it holds until the next but one is asked for.</summary>
    /// <param name="rows">As many as were announced, or fewer if it is the last.</param>
    public RowBatch<T> Next(int rows)
    {
        var batch = Take(rows);
        Position += rows;
        return batch;
    }

    /// <summary>Ends the pass.</summary>
    public void End() => Position = -1;

    /// <summary>Adds all that tells these rows from others to a hash.</summary>
    public abstract void AppendTo(IncrementalHash hash);

    /// <summary>Whether a row counts in the loss of that network.</summary>
    public abstract bool AnyCounts(Model model);

    /// <summary>Saves or loads where a shuffled pass stands, and the generator that orders the passes.</summary>
    public abstract void Exchange(StateStream stream, TorchRandom random, int batch);

    /// <summary>The features that layers are fitted to: all of them where they are in memory, else of some rows.</summary>
    /// <param name="most">The most rows to choose.</param>
    /// <param name="random">Chooses them, each with the same probability.</param>
    /// <exception cref="ArgumentException">They are sparse.</exception>
    public FeatureSample<T> Sample(int most, TorchRandom random) => !SparseFeatures
        ? Choose(most, random)
        : throw new ArgumentException("The features are sparse, but a layer of the network is fitted to dense ones: zeros would not stay zeros. "
            + "Leave it out, or give the table dense.");

    /// <summary>The mean of each target by the rows' weights, in one pass; of a target that is 0 in every row 0.5 / rows.</summary>
    /// <param name="targets">Targets of a row.</param>
    public double[] MeanRates(int targets)
    {
        var (means, weights) = (new double[targets], 0.0);
        for (Rewind(1); Position < Rows;)
        {
            var batch = Next(1);
            var (table, row) = (batch.Table, batch.Rows[0]);
            var weight = table.Weights is null ? 1 : double.CreateTruncating(table.Weights[row]);
            weights += weight;
            for (var target = 0; target < targets; target++)
            {
                // Not a sum, which may overflow.
                means[target] += weight / weights * (double.CreateTruncating(table.Targets[row * targets + target]) - means[target]);
            }
        }

        End();
        return Array.ConvertAll(means, mean => mean == 0 ? 0.5 / Rows : mean);
    }

    private protected abstract FeatureSample<T> Choose(int most, TorchRandom random);

    private protected abstract RowBatch<T> Take(int rows);
}
