using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Kernels;

namespace Backprop.Graph;

/// <summary>Computes A · B of a sparse A block by block, adds a bias and runs elementwise work on each block while it is in cache.</summary>
internal sealed class SparseProductStep<T>(
    Kernels<T> kernels, SparseBatch<T> a, Panels<T> b, Panels<T> result, Panels<T>? bias, Block<T>? epilogue) : PanelStep<T>(result, true)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Panels<T> result = result;

    protected override void RunPanel(int panel, int row, int rows)
    {
        var offset = result.PanelOffset(panel) + row * Panels<T>.Width;
        for (var r = 0; r < rows; r++)
        {
            kernels.SparseProductRow(a[row + r], b, ref result.Start.At(offset + r * Panels<T>.Width), panel, bias);
        }

        epilogue?.Run(offset, rows * Panels<T>.Width);
    }

    public override double Operations(int batchRows) => SparseBatch<T>.Effort * 2.0 * a.NonZeros(batchRows) * b.Columns;
}

/// <summary>Gathers a sparse batch by columns, for <see cref="SparseTransposedProductStep{T}"/> and <see cref="SparseUpdateStep{T}"/>.</summary>
internal sealed class SparseTransposeStep<T>(SparseColumns<T> columns) : Step<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int Tasks(int batchRows) => 1;

    public override void Run(int task, int batchRows, Scratch<T> scratch) => columns.Gather(batchRows);
}

/// <summary>Computes all of Aᵀ · B of a sparse A block by block and keeps it, or updates a parameter with each block at once.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="a">rows × m.</param>
/// <param name="b">rows × n.</param>
/// <param name="result">m × n, or null when only the update wants it.</param>
/// <param name="update">The update, or null.</param>
internal sealed class SparseTransposedProductStep<T>(
    Kernels<T> kernels, SparseColumns<T> a, Panels<T> b, Panels<T>? result, ParameterUpdate<T>? update) : Step<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int Tasks(int batchRows) => b.Count * Blocks(a.Batch.Columns);

    public override void Run(int task, int batchRows, Scratch<T> scratch)
    {
        var (panel, first, rows) = Place(task, b.Count, a.Batch.Columns, 0);
        ref var block = ref result is null ? ref scratch.Block.At(0) : ref result.Start.At(result.PanelOffset(panel) + first * Panels<T>.Width);
        for (var row = 0; row < rows; row++)
        {
            kernels.SparseProductRow(a[first + row], b, ref Unsafe.Add(ref block, row * Panels<T>.Width), panel, null);
        }

        update?.Run(panel, first, rows, ref block);
    }

    // Besides the product it writes, or updates, every element.
    public override double Operations(int batchRows) => SparseBatch<T>.Effort * (2.0 * a.Batch.NonZeros(batchRows) + a.Batch.Columns) * b.Columns;
}

/// <summary>Computes the rows of Aᵀ · B that have a non-zero of a sparse A in them, and updates a parameter's same rows with them.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="a">rows × m.</param>
/// <param name="b">rows × n.</param>
/// <param name="kept">Aᵀ · B where it is already computed, or null.</param>
/// <param name="update">The update.</param>
internal sealed class SparseUpdateStep<T>(
    Kernels<T> kernels, SparseColumns<T> a, Panels<T> b, Panels<T>? kept, ParameterUpdate<T> update) : Step<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Parts of the list of touched columns: fixed, because its length is known only while the batch runs.</summary>
    private const int Parts = 16;

    /// <summary>Rows that memory has time to deliver while this many are worked on.</summary>
    private const int Ahead = 8;

    public override int Tasks(int batchRows) => b.Count * Parts;

    public override void Run(int task, int batchRows, Scratch<T> scratch)
    {
        var (panel, part) = (task / Parts, task % Parts);
        var touched = a.Touched[Share(part)..Share(part + 1)];
        for (var i = 0; i < touched.Length; i++)
        {
            var column = touched[i];
            if (i + Ahead < touched.Length)
            {
                update.PrefetchRow(panel, touched[i + Ahead]);
            }

            ref var gradient = ref scratch.Block.At(0);
            if (kept is null)
            {
                kernels.SparseProductRow(a[column], b, ref gradient, panel, null);
            }
            else
            {
                gradient = ref kept.Start.At(kept.PanelOffset(panel) + column * Panels<T>.Width);
            }

            update.Run(panel, column, 1, ref gradient);
        }
    }

    public override double Operations(int batchRows) => SparseBatch<T>.Effort * 2.0 * a.Batch.NonZeros(batchRows) * b.Columns;

    private int Share(int part) => (int)((long)a.Count * part / Parts);
}
