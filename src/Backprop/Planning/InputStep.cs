using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Graph;
using Backprop.Kernels;

namespace Backprop.Planning;

/// <summary>Gathers a batch's rows from a table into panels.</summary>
internal sealed class InputStep<T>(Panels<T> target) : RowStep<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private T[]? table;
    private int[] chosen = [];
    private int stride;
    private int first;
    private bool skipped;

    /// <summary>Chooses the table and the rows of the next run.</summary>
    /// <param name="source">Row-major, or null for a table of ones.</param>
    /// <param name="rows">Row numbers; read when the plan runs.</param>
    /// <param name="columns">Columns of the table; 0 for as many as the input has.</param>
    /// <param name="from">The table's column that is the input's first.</param>
    public void Choose(T[]? source, int[] rows, int columns, int from)
        => (table, chosen, stride, first, skipped) = (source, rows, columns == 0 ? target.Columns : columns, from, false);

    /// <summary>Leaves out the next runs, until <see cref="Choose"/>: the caller writes the rows itself.</summary>
    public void Skip() => skipped = true;

    /// <summary>A number of the next run.</summary>
    public T At(int row, int column)
        => skipped ? target[row, column] : table is null ? T.One : table[(long)chosen[row] * stride + first + column];

    public override void RunRows(int row, int rows, int batchRows)
    {
        if (skipped)
        {
            return;
        }

        if (table is null)
        {
            Fill(ref target[row, 0], rows);
        }
        else if (target.Columns == 1)
        {
            Gather(chosen.AsSpan(row, rows), ref target[row, 0]);
        }
        else
        {
            for (var r = row; r < row + rows; r++)
            {
                target.SetRow(r, table.AsSpan(chosen[r] * stride + first, target.Columns));
            }
        }
    }

    private static void Fill(ref T column, int rows)
    {
        for (var r = 0; r < rows; r++)
        {
            Unsafe.Add(ref column, r * Panels<T>.Width) = T.One;
        }
    }

    private void Gather(ReadOnlySpan<int> rows, ref T column)
    {
        for (var r = 0; r < rows.Length; r++)
        {
            Unsafe.Add(ref column, r * Panels<T>.Width) = table![rows[r] * stride + first];
        }
    }
}
