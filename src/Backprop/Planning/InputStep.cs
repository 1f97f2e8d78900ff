using System.Numerics;
using Backprop.Graph;
using Backprop.Kernels;

namespace Backprop.Planning;

/// <summary>Gathers a batch's rows from a table into panels.</summary>
internal sealed class InputStep<T>(Panels<T> target) : Step<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private T[]? table;
    private int[] rows = [];

    /// <summary>Chooses the table and the rows of the next run.</summary>
    /// <param name="source">Row-major, or null for a table of ones.</param>
    /// <param name="chosen">Row numbers; read when the plan runs.</param>
    public void Choose(T[]? source, int[] chosen) => (table, rows) = (source, chosen);

    public override int Tasks(int batchRows) => Blocks(batchRows);

    public override void Run(int task, int batchRows, Scratch<T> scratch)
    {
        var (first, count) = Block(task, batchRows);
        for (var row = first; row < first + count; row++)
        {
            if (table is null)
            {
                target[row, 0] = T.One;
            }
            else
            {
                target.SetRow(row, table.AsSpan(rows[row] * target.Columns, target.Columns));
            }
        }
    }
}
