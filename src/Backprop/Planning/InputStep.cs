using System.Numerics;
using Backprop.Graph;
using Backprop.Kernels;

namespace Backprop.Planning;

/// <summary>Gathers a batch's rows from a table into panels.</summary>
internal sealed class InputStep<T>(Panels<T> target) : RowStep<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private T[]? table;
    private int[] chosen = [];

    /// <summary>Chooses the table and the rows of the next run.</summary>
    /// <param name="source">Row-major, or null for a table of ones.</param>
    /// <param name="rows">Row numbers; read when the plan runs.</param>
    public void Choose(T[]? source, int[] rows) => (table, chosen) = (source, rows);

    /// <summary>Whether the caller writes the rows itself.</summary>
    public bool Prepared { get; set; }

    public override void RunRows(int row, int rows, int batchRows)
    {
        if (Prepared)
        {
            return;
        }

        for (var r = row; r < row + rows; r++)
        {
            if (table is null)
            {
                target[r, 0] = T.One;
            }
            else
            {
                target.SetRow(r, table.AsSpan(chosen[r] * target.Columns, target.Columns));
            }
        }
    }
}
