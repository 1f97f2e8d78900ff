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
    private bool skipped;

    /// <summary>Chooses the table and the rows of the next run.</summary>
    /// <param name="source">Row-major, or null for a table of ones.</param>
    /// <param name="rows">Row numbers; read when the plan runs.</param>
    public void Choose(T[]? source, int[] rows) => (table, chosen, skipped) = (source, rows, false);

    /// <summary>Leaves out the next runs, until <see cref="Choose"/>: the caller writes the rows itself.</summary>
    public void Skip() => skipped = true;

    /// <summary>A number of the next run.</summary>
    public T At(int row, int column)
        => skipped ? target[row, column] : table is null ? T.One : table[(long)chosen[row] * target.Columns + column];

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
            Gather(table, chosen.AsSpan(row, rows), ref target[row, 0]);
        }
        else
        {
            for (var r = row; r < row + rows; r++)
            {
                target.SetRow(r, table.AsSpan(chosen[r] * target.Columns, target.Columns));
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

    private static void Gather(T[] table, ReadOnlySpan<int> chosen, ref T column)
    {
        for (var r = 0; r < chosen.Length; r++)
        {
            Unsafe.Add(ref column, r * Panels<T>.Width) = table[chosen[r]];
        }
    }
}
