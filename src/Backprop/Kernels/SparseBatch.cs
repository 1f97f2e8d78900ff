using System.Numerics;

namespace Backprop.Kernels;

/// <summary>A matrix as the non-zeros of its rows: row r's lie from Starts[r] to Starts[r + 1], columns ascending.</summary>
/// <param name="Starts">One more than rows.</param>
/// <param name="Columns">The column of each non-zero.</param>
/// <param name="Values">Its number.</param>
internal sealed record CompressedRows<T>(int[] Starts, int[] Columns, T[] Values) where T : unmanaged, IFloatingPointIeee754<T>;

/// <summary>Numbers, each with the row of a matrix it multiplies: a sparse row of a product's left operand.</summary>
internal readonly ref struct SparseRow<T>(ReadOnlySpan<int> indices, ReadOnlySpan<T> values) where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Ascending row numbers of the right operand.</summary>
    public ReadOnlySpan<int> Indices { get; } = indices;

    /// <summary>The number for each.</summary>
    public ReadOnlySpan<T> Values { get; } = values;
}

/// <summary>A batch: some rows of a sparse table, read where they lie.</summary>
/// <param name="columns">Columns of the table.</param>
internal sealed class SparseBatch<T>(int columns) where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>An operation on a gathered row takes about as long as that many of a dense product.</summary>
    public const double Effort = 8;

    private CompressedRows<T>? table;
    private int[] rows = [];

    public int Columns => columns;

    /// <summary>Chooses the table and the rows of the next run.</summary>
    public void Choose(CompressedRows<T> source, int[] chosen) => (table, rows) = (source, chosen);

    /// <summary>A row of the batch.</summary>
    public SparseRow<T> this[int row]
    {
        get
        {
            var (start, end) = (table!.Starts[rows[row]], table.Starts[rows[row] + 1]);
            return new(table.Columns.AsSpan(start, end - start), table.Values.AsSpan(start, end - start));
        }
    }

    /// <summary>Non-zeros of the first rows; before a table is chosen as many as there can be, for a plan must be ready for them.</summary>
    public long NonZeros(int batchRows)
    {
        if (table is null)
        {
            return (long)batchRows * columns;
        }

        var sum = 0L;
        foreach (var row in rows.AsSpan(0, batchRows))
        {
            sum += table.Starts[row + 1] - table.Starts[row];
        }

        return sum;
    }
}
