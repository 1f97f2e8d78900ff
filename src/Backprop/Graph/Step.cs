using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Kernels;

namespace Backprop.Graph;

/// <summary>Work of a plan, cut into tasks that may run at the same time; how it is cut never changes a bit.</summary>
internal abstract class Step<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>The most rows of a block that a task works on.</summary>
    public const int BlockRows = 128;

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

    /// <summary>Where a task lies in a result of that many panels and rows, and how many rows it has.</summary>
    /// <param name="task">The task.</param>
    /// <param name="panels">Panels of the result.</param>
    /// <param name="rows">Rows of the result.</param>
    /// <param name="k">Numbers of the operand that a row of the result reads, and that is read again for every panel.</param>
    /// <remarks>As many blocks of rows as stay in cache go through all panels before the next.</remarks>
    public static (int Panel, int Row, int Rows) Place(int task, int panels, int rows, int k)
    {
        var most = (int)Math.Max(1, CacheSizes.SharedBytes / (BlockRows * Unsafe.SizeOf<T>() * Math.Max(1L, k)));
        var group = task / (panels * most);
        var (before, inGroup) = (group * most, task - group * panels * most);
        var blocks = Math.Min(most, Blocks(rows) - before);
        var (row, count) = Block(before + inGroup % blocks, rows);
        return (inGroup / blocks, row, count);
    }

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
/// <param name="k">Numbers of an operand that a row reads for every panel, if any.</param>
internal abstract class PanelStep<T>(Panels<T> result, bool batch, int k = 0) : RowStep<T> where T : unmanaged, IFloatingPointIeee754<T>
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
        var (panel, row, rows) = Place(task, result.Count, Rows(batchRows), k);
        RunPanel(panel, row, rows);
    }
}

/// <summary>Work on whole rows.</summary>
/// <param name="work">Works on a number of rows from a first one.</param>
/// <param name="result">The matrix written.</param>
/// <param name="batch">Whether it has as many rows as the batch.</param>
internal sealed class ByRowStep<T>(Action<int, int> work, Panels<T> result, bool batch) : RowStep<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    protected override int Rows(int batchRows) => batch ? batchRows : result.Rows;

    public override void RunRows(int row, int rows, int batchRows) => work(row, rows);
}

/// <summary>Work on whole columns, a panel at a time.</summary>
/// <param name="work">Works on a panel of that many rows.</param>
/// <param name="result">The matrix written.</param>
/// <param name="batch">Whether it has as many rows as the batch.</param>
internal sealed class ByColumnStep<T>(Action<int, int> work, Panels<T> result, bool batch) : Step<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int Tasks(int batchRows) => result.Count;

    public override void Run(int task, int batchRows, Scratch<T> scratch) => work(task, batch ? batchRows : result.Rows);
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
