using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Graph;

/// <summary>Work of a plan, cut into tasks that may run at the same time; how it is cut never changes a bit.</summary>
internal abstract class Step<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>The most rows of a block that a task works on.</summary>
    protected const int BlockRows = 64;

    /// <summary>The number of tasks for a batch of that many rows.</summary>
    public abstract int Tasks(int batchRows);

    /// <summary>Runs one task.</summary>
    public abstract void Run(int task, int batchRows, Scratch<T> scratch);

    /// <summary>Multiplications and additions, to decide whether threads pay.</summary>
    public virtual double Operations(int batchRows) => 0;

    /// <summary>How many blocks that many rows make.</summary>
    protected static int Blocks(int rows) => (rows + BlockRows - 1) / BlockRows;

    /// <summary>The first row and the number of rows of a block.</summary>
    protected static (int Row, int Rows) Block(int block, int rows) => (block * BlockRows, Math.Min(BlockRows, rows - block * BlockRows));

    /// <summary>A gradient's block that is used at once and need not be kept.</summary>
    public static int ScratchSize => BlockRows * Panels<T>.Width;
}

/// <summary>Work on rows that depends on no other rows of the batch.</summary>
internal abstract class RowStep<T> : Step<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Rows there are for a batch of that many.</summary>
    protected virtual int Rows(int batchRows) => batchRows;

    /// <summary>Works on some rows.</summary>
    public abstract void RunRows(int row, int rows, int batchRows);

    public override int Tasks(int batchRows) => Blocks(Rows(batchRows));

    public override void Run(int task, int batchRows, Scratch<T> scratch)
    {
        var (row, rows) = Block(task, Rows(batchRows));
        RunRows(row, rows, batchRows);
    }
}

/// <summary>Work on rows that can also be done a panel of columns at a time.</summary>
/// <param name="result">The matrix written.</param>
/// <param name="batch">Whether it has as many rows as the batch.</param>
internal abstract class PanelStep<T>(Panels<T> result, bool batch) : RowStep<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    protected sealed override int Rows(int batchRows) => batch ? batchRows : result.Rows;

    /// <summary>Works on some rows of a panel.</summary>
    protected abstract void RunPanel(int panel, int row, int rows);

    public override void RunRows(int row, int rows, int batchRows)
    {
        for (var panel = 0; panel < result.Count; panel++)
        {
            RunPanel(panel, row, rows);
        }
    }

    public sealed override int Tasks(int batchRows) => result.Count * Blocks(Rows(batchRows));

    public sealed override void Run(int task, int batchRows, Scratch<T> scratch)
    {
        var blocks = Blocks(Rows(batchRows));
        var (row, rows) = Block(task % blocks, Rows(batchRows));
        RunPanel(task / blocks, row, rows);
    }
}

/// <summary>A worker's own memory.</summary>
internal sealed class Scratch<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>A block of a gradient.</summary>
    public Slice<T> Block { get; } = Buffers.Allocate<T>(Step<T>.ScratchSize);
}

/// <summary>Runs an elementwise block over a whole matrix.</summary>
/// <param name="block">The work.</param>
/// <param name="matrix">One of its matrices; all have this shape.</param>
/// <param name="batch">Whether it has as many rows as the batch.</param>
internal sealed class ElementwiseStep<T>(Block<T> block, Panels<T> matrix, bool batch) : PanelStep<T>(matrix, batch)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Panels<T> matrix = matrix;

    protected override void RunPanel(int panel, int row, int rows)
        => block.Run(matrix.PanelOffset(panel) + row * Panels<T>.Width, rows * Panels<T>.Width);
}
