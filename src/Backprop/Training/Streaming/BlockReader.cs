using System.Diagnostics;
using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Reads segments through two buffers: batches come from one while the other is filled.</summary>
/// <remarks>
/// Rows that make no whole batch at a buffer's end are copied to the next one's begin, so that only a pass's last batch is smaller. The
/// random generator is drawn from for one buffer after the other: that they are filled meanwhile changes no bit.
/// </remarks>
/// <param name="file">Holds the segments.</param>
/// <param name="first">A buffer.</param>
/// <param name="second">Another of the same layout and capacity.</param>
internal sealed class BlockReader<T>(RowFile file, RowBlock<T> first, RowBlock<T> second) : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private Block current = new(first);
    private Block next = new(second);
    private Task? filling;
    private SegmentList? segments;
    private TorchRandom? random;
    private int batch;
    private int segmentsRead;
    private int used;

    /// <summary>Standardises targets as they are read, or null.</summary>
    public LabelScale<T>? Labels { get; set; }

    /// <summary>Whether features are sparse.</summary>
    public bool SparseFeatures => first.IsSparse;

    /// <summary>Features of a row.</summary>
    public int FeatureColumns => first.FeatureColumns;

    /// <summary>Begins a pass, whether or not the one before came to its end.</summary>
    /// <param name="list">What to read, in its order.</param>
    /// <param name="batchRows">Rows of every batch but the last.</param>
    /// <param name="shuffles">Shuffles each buffer's rows; null to leave them as they lie.</param>
    public void Begin(SegmentList list, int batchRows, TorchRandom? shuffles)
    {
        Await();
        (segments, batch, random, segmentsRead, used) = (list, batchRows, shuffles, 0, 0);
        current.Rows.Clear();
        filling = Task.Run(Fill);
    }

    /// <summary>The next rows of the pass.</summary>
    /// <param name="list">What the pass reads.</param>
    /// <param name="count">Rows of a batch, or those that are left.</param>
    /// <exception cref="IOException">The disk fails.</exception>
    public RowBatch<T> Next(SegmentList list, int count)
    {
        Debug.Assert(list == segments, "One pass at a time.");
        if (current.Rows.Rows - used < count)
        {
            filling!.GetAwaiter().GetResult();
            (current, next, used) = (next, current, 0);
            filling = segmentsRead < segments!.Count ? Task.Run(Fill) : null;
        }

        Debug.Assert(current.Rows.Rows - used >= count, "Only whole batches, or the pass's last one, are asked for.");
        used += count;
        return new(current.Rows.Table, current.Order.AsSpan(used - count, count));
    }

    /// <summary>Waits for what is being read. The file is not this one's.</summary>
    public void Dispose() => Await();

    private void Await()
    {
        // Nobody asks any longer for what went wrong.
        Task.WhenAny(filling ?? Task.CompletedTask).Wait();
        filling = null;
    }

    private void Fill()
    {
        var rows = next.Rows;
        rows.Clear();
        var left = current.Rows.Rows;
        foreach (var row in current.Order.AsSpan(left - left % batch, left % batch))
        {
            rows.TryAdd(current.Rows, row);
        }

        for (; segmentsRead < segments!.Count; segmentsRead++)
        {
            var (offset, count, nonZeros) = segments[segmentsRead];
            var before = rows.Rows;
            if (!rows.TryLoad(count, nonZeros, part =>
            {
                file.Read(part, offset);
                offset += part.Length;
            }))
            {
                break;
            }

            Labels?.Apply(rows.TargetsOf(before, count));
        }

        Debug.Assert(rows.Rows >= Math.Min(batch, left), "A buffer holds a batch and a segment more.");
        var order = next.Order.AsSpan(0, rows.Rows);
        if (random is null)
        {
            for (var i = 0; i < order.Length; i++)
            {
                order[i] = i;
            }
        }
        else
        {
            random.FillPermutation(order);
        }
    }

    /// <summary>A buffer and the order its rows are visited in.</summary>
    private sealed class Block(RowBlock<T> rows)
    {
        public RowBlock<T> Rows => rows;

        public int[] Order { get; } = new int[rows.RowCapacity];
    }
}
