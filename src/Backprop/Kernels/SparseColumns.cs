using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>A sparse batch by columns: the non-zeros of each column that has any, by ascending row.</summary>
/// <remarks>Gathering takes time in proportion to the non-zeros; one number a column stays in memory between batches.</remarks>
internal sealed class SparseColumns<T>(SparseBatch<T> batch) where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>From this share of columns touched, 1 in 8, looking at all of them costs little, and then they are listed in order.</summary>
    private const int Many = 8;

    // 0 for a column without non-zeros, else one more than its place in the list.
    private int[] places = [];
    private int[] touched = [];
    private int[] ends = [];
    private int[] rows = [];
    private T[] values = [];

    public SparseBatch<T> Batch => batch;

    /// <summary>Columns with non-zeros.</summary>
    public int Count { get; private set; }

    /// <summary>Their numbers, in an order that is good for caches.</summary>
    public ReadOnlySpan<int> Touched => touched.AsSpan(0, Count);

    /// <summary>The rows and numbers of a column; empty for one without non-zeros.</summary>
    public SparseRow<T> this[int column]
    {
        get
        {
            var place = places[column] - 1;
            if (place < 0)
            {
                return default;
            }

            var start = place == 0 ? 0 : ends[place - 1];
            return new(rows.AsSpan(start, ends[place] - start), values.AsSpan(start, ends[place] - start));
        }
    }

    /// <summary>Reads the batch's first rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Gather(int batchRows)
    {
        if (places.Length < batch.Columns)
        {
            // Not before: a plan that only computes forward never gathers.
            places = new int[batch.Columns];
        }

        foreach (var column in Touched)
        {
            places[column] = 0;
        }

        Count = 0;
        Grow(checked((int)batch.NonZeros(batchRows)));
        for (var row = 0; row < batchRows; row++)
        {
            foreach (var column in batch[row].Indices)
            {
                ref var place = ref places[column];
                if (place == 0)
                {
                    touched[Count] = column;
                    ends[Count] = 0;
                    place = ++Count;
                }

                ends[place - 1]++;
            }
        }

        // From counts to where each column begins; filling it moves that to where it ends.
        var start = 0;
        foreach (ref var end in ends.AsSpan(0, Count))
        {
            (end, start) = (start, start + end);
        }

        if ((long)Count * Many > batch.Columns)
        {
            for (var (column, i) = (0, 0); i < Count; column++)
            {
                touched[i] = column;
                i += places[column] > 0 ? 1 : 0;
            }
        }

        for (var row = 0; row < batchRows; row++)
        {
            var sparse = batch[row];
            for (var i = 0; i < sparse.Indices.Length; i++)
            {
                var at = ends[places[sparse.Indices[i]] - 1]++;
                (rows[at], values[at]) = (row, sparse.Values[i]);
            }
        }
    }

    private void Grow(int nonZeros)
    {
        if (nonZeros <= rows.Length)
        {
            return;
        }

        // Twice what is needed: soon no batch is larger than any before it, and nothing is allocated.
        var length = (int)Math.Min(2L * nonZeros, Array.MaxLength);
        (rows, values) = (new int[length], new T[length]);
        var columns = Math.Min(length, batch.Columns);
        (touched, ends) = (new int[columns], new int[columns]);
    }
}
