using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Models;

/// <summary>A matrix of which only the non-zeros are kept, row by row: compressed sparse rows, as in SciPy's csr_matrix.</summary>
/// <remarks>Arrays that were given are kept, not copied: they must not change as long as the matrix is used.</remarks>
/// <typeparam name="T">float or double.</typeparam>
public sealed class SparseMatrix<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Wraps arrays after checking them.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="columns">The number of columns.</param>
    /// <param name="rowStarts">Where each row begins in the other two, from 0, and where the last one ends: rows + 1 numbers.</param>
    /// <param name="columnIndices">The column, from 0, of each non-zero; ascending within a row.</param>
    /// <param name="values">The number there; zeros are allowed.</param>
    /// <exception cref="ArgumentException">A length, an order or a column is wrong.</exception>
    public SparseMatrix(int rows, int columns, int[] rowStarts, int[] columnIndices, T[] values)
    {
        if (rows < 0 || columns < 1)
        {
            throw new ArgumentException($"{rows} rows of {columns} columns are not a matrix. Give no negative number of rows, and 1 column at least.");
        }

        if (rowStarts.Length != rows + 1 || rowStarts[0] != 0 || rowStarts[rows] != values.Length)
        {
            var ends = rowStarts.Length == 0 ? "" : $" from {rowStarts[0]} to {rowStarts[^1]}";
            throw new ArgumentException(
                $"{rowStarts.Length} row starts{ends} do not divide {values.Length} values into {rows} rows. "
                    + $"Give {rows + 1} starts, from 0 to {values.Length}.");
        }

        SparseRowChecks.Require(columns, rowStarts, columnIndices, values.Length);
        (Rows, Columns, Compressed) = (rows, columns, new(rowStarts, columnIndices, values));
    }

    /// <summary>Wraps arrays that are right, and may be longer than the rows need.</summary>
    internal SparseMatrix(int rows, int columns, CompressedRows<T> compressed) => (Rows, Columns, Compressed) = (rows, columns, compressed);

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>The number of columns.</summary>
    public int Columns { get; }

    /// <summary>Where each row begins in the other two, and where the last one ends.</summary>
    public ReadOnlySpan<int> RowStarts => Compressed.Starts;

    /// <summary>The column of each non-zero.</summary>
    public ReadOnlySpan<int> ColumnIndices => Compressed.Columns;

    /// <summary>The non-zeros.</summary>
    public ReadOnlySpan<T> Values => Compressed.Values;

    /// <summary>The same arrays as kernels take them.</summary>
    internal CompressedRows<T> Compressed { get; }

    /// <summary>Writes a row out, zeros included.</summary>
    /// <param name="row">The row.</param>
    /// <param name="target">As long as a row.</param>
    public void CopyTo(int row, Span<T> target)
    {
        target[..Columns].Clear();
        for (var i = RowStarts[row]; i < RowStarts[row + 1]; i++)
        {
            target[ColumnIndices[i]] = Values[i];
        }
    }

    /// <summary>The same matrix in another precision, rounded to nearest.</summary>
    public SparseMatrix<TTo> To<TTo>() where TTo : unmanaged, IFloatingPointIeee754<TTo>
        => new(Rows, Columns, Compressed.Starts, Compressed.Columns, Array.ConvertAll(Compressed.Values, TTo.CreateTruncating));

    /// <summary>The first non-zero that is so.</summary>
    internal (int Row, int Column, T Value)? Find(Predicate<T> match)
    {
        var at = Array.FindIndex(Compressed.Values, match);
        if (at < 0)
        {
            return null;
        }

        var row = 0;
        while (Compressed.Starts[row + 1] <= at)
        {
            row++;
        }

        return (row, Compressed.Columns[at], Compressed.Values[at]);
    }
}

/// <summary>What kernels trust in compressed rows.</summary>
internal static class SparseRowChecks
{
    /// <summary>Refuses rows that are not in order, or columns that are not ascending or out of range.</summary>
    /// <param name="columns">How many there are.</param>
    /// <param name="rowStarts">Where each row begins, and the last ends.</param>
    /// <param name="columnIndices">The column of each value.</param>
    /// <param name="values">How many there are.</param>
    /// <param name="purpose">What the rows are called in messages, if anything.</param>
    /// <param name="firstRow">The number of the first row in messages.</param>
    public static void Require(
        int columns, ReadOnlySpan<int> rowStarts, ReadOnlySpan<int> columnIndices, int values, string purpose = "", long firstRow = 0)
    {
        string Name(int row) => purpose.Length == 0 ? $"Row {row}" : $"{char.ToUpperInvariant(purpose[0])}{purpose[1..]} row {firstRow + row}";
        if (columnIndices.Length != values)
        {
            throw new ArgumentException($"{columnIndices.Length} column indices do not fit {values} values. Give one for each.");
        }

        for (var row = 0; row + 1 < rowStarts.Length; row++)
        {
            var (start, end) = (rowStarts[row], rowStarts[row + 1]);
            if (start < 0 || end < start || end > values)
            {
                throw new ArgumentException($"{Name(row)} goes from {start} to {end} of {values} values. Give ascending row starts from 0 to {values}.");
            }

            var previous = -1;
            foreach (var column in columnIndices[start..end])
            {
                if ((uint)column >= (uint)columns)
                {
                    throw new ArgumentException($"{Name(row)} has column {column}, outside 0 to {columns - 1}. Correct the index, or the number of columns.");
                }

                if (column <= previous)
                {
                    throw new ArgumentException($"{Name(row)} has column {column} after column {previous}. Sort each row's columns, and name each once.");
                }

                previous = column;
            }
        }
    }
}
