using Backprop.Models;

namespace Backprop.Training;

/// <summary>Rows that lie one after another in a file and are read together.</summary>
/// <param name="Offset">Where in the file, in bytes.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="NonZeros">Their non-zeros; 0 where features are dense.</param>
internal readonly record struct RowSegment(long Offset, int Rows, int NonZeros);

/// <summary>Where segments lie. A run of them has the rows that were in memory at the same time, mixed.</summary>
/// <param name="memory">Counts this list.</param>
internal sealed class SegmentList(RowMemory memory)
{
    private readonly List<int> runStarts = [0];
    private RowSegment[] segments = [];
    private double[] keys = [];
    private int[] order = [];

    /// <summary>How many segments there are.</summary>
    public int Count { get; private set; }

    /// <summary>Rows in all of them.</summary>
    public long Rows { get; private set; }

    /// <summary>The most rows of one.</summary>
    public int MostRows { get; private set; }

    /// <summary>The most non-zeros of one.</summary>
    public int MostNonZeros { get; private set; }

    /// <summary>The segment that a pass reads at that place.</summary>
    public RowSegment this[int place] => segments[order[place]];

    /// <summary>Adds a segment to the run.</summary>
    public void Add(RowSegment segment)
    {
        if (Count == segments.Length)
        {
            memory.Resize(ref segments, Math.Max(16, 2 * Count));
        }

        segments[Count++] = segment;
        Rows += segment.Rows;
        (MostRows, MostNonZeros) = (Math.Max(MostRows, segment.Rows), Math.Max(MostNonZeros, segment.NonZeros));
    }

    /// <summary>Ends the run.</summary>
    public void EndRun() => runStarts.Add(Count);

    /// <summary>Orders segments as they lie.</summary>
    public void Rewind()
    {
        memory.Resize(ref order, Count);
        for (var i = 0; i < Count; i++)
        {
            order[i] = i;
        }
    }

    /// <summary>
    /// Orders segments at random, each run's spread evenly over the whole: what is read together comes from all runs, in about the
    /// proportions of their sizes, even where rows of a kind came one after another.
    /// </summary>
    public void Shuffle(TorchRandom random)
    {
        Rewind();
        memory.Resize(ref keys, Count);
        for (var run = 0; run + 1 < runStarts.Count; run++)
        {
            var (start, count) = (runStarts[run], runStarts[run + 1] - runStarts[run]);
            // The places of its segments, as whole numbers, and then each somewhere within its share of the whole.
            random.FillPermutation(order.AsSpan(start, count));
            for (var i = start; i < start + count; i++)
            {
                keys[i] = (order[i] + (random.NextUInt64() >> 11) * (1.0 / (1L << 53))) / count;
            }
        }

        Rewind();
        Array.Sort(keys, order);
    }
}
