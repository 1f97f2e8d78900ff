using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Graph;

/// <summary>Work of a plan, cut into tasks that may run at the same time; how it is cut never changes a bit.</summary>
internal abstract class Step<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Rows of a block that a task works on.</summary>
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
internal sealed class ElementwiseStep<T>(Block<T> block, Panels<T> matrix, bool batch) : Step<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int Tasks(int batchRows) => matrix.Count * Blocks(Rows(batchRows));

    public override void Run(int task, int batchRows, Scratch<T> scratch)
    {
        var blocks = Blocks(Rows(batchRows));
        var (row, rows) = Block(task % blocks, Rows(batchRows));
        block.Run(matrix.PanelOffset(task / blocks) + row * Panels<T>.Width, rows * Panels<T>.Width);
    }

    private int Rows(int batchRows) => batch ? batchRows : matrix.Rows;
}
