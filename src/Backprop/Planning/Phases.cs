using System.Numerics;
using Backprop.Graph;

namespace Backprop.Planning;

/// <summary>Collects a plan's steps by level and makes phases of them.</summary>
/// <param name="levels">How many levels there are.</param>
internal sealed class Phases<T>(int levels) where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>The most rows of a chain's block: few enough that their values stay in cache.</summary>
    public const int MostChainRows = 64;

    // As many as two tall tiles.
    private const int LeastChainRows = 16;

    private readonly List<RowStep<T>>[] byRow = [.. Enumerable.Range(0, levels).Select(_ => new List<RowStep<T>>())];
    private readonly List<Step<T>>[] others = [.. Enumerable.Range(0, levels).Select(_ => new List<Step<T>>())];

    /// <summary>Multiplications and additions of a batch of that many rows.</summary>
    public double Operations(int batchRows) => others.Concat<IEnumerable<Step<T>>>(byRow).Sum(level => level.Sum(step => step.Operations(batchRows)));

    /// <summary>Adds work on rows of the batch, of which each depends on the same row only.</summary>
    public void AddByRow(int level, RowStep<T> step) => byRow[level].Add(step);

    /// <summary>Adds any other work.</summary>
    public void Add(int level, Step<T> step) => others[level].Add(step);

    /// <summary>A phase for each level that has work.</summary>
    public Step<T>[][] ToArray()
        => [.. byRow.Zip(others, (rows, rest) => rows.Concat(rest).ToArray()).Where(phase => phase.Length > 0)];

    /// <summary>Likewise, with the work on rows of a level, in the order it was added, in one chain.</summary>
    /// <param name="capacity">The most rows a batch has.</param>
    /// <param name="threads">Threads to share them among.</param>
    public Step<T>[][] ToChains(int capacity, int threads)
    {
        var share = (capacity + threads * LeastChainRows - 1) / (threads * LeastChainRows) * LeastChainRows;
        IEnumerable<Step<T>> Chain(List<RowStep<T>> steps) => steps.Count == 0 ? [] : [new RowChain<T>(steps, Math.Min(share, MostChainRows))];
        return [.. byRow.Zip(others, (rows, rest) => Chain(rows).Concat(rest).ToArray()).Where(phase => phase.Length > 0)];
    }
}
