using System.Numerics;
using Backprop.Graph;

namespace Backprop.Planning;

/// <summary>Steps of which each row's work depends only on the same row of the steps before: a task takes its rows through all of them.</summary>
/// <remarks>
/// So a small network's forward and backward pass is one phase with no barrier inside. Where the weights do not fit the cache, a phase
/// a step is better: it reads each weight once for all rows.
/// </remarks>
/// <param name="steps">The steps in order.</param>
/// <param name="blockRows">Rows of a task.</param>
internal sealed class RowChain<T>(IReadOnlyList<RowStep<T>> steps, int blockRows) : Step<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly RowStep<T>[] steps = [.. steps];

    public override int Tasks(int batchRows) => (batchRows + blockRows - 1) / blockRows;

    public override void Run(int task, int batchRows, Scratch<T> scratch)
    {
        var row = task * blockRows;
        foreach (var step in steps)
        {
            step.RunRows(row, Math.Min(blockRows, batchRows - row), batchRows);
        }
    }

    public override double Operations(int batchRows)
    {
        var sum = 0.0;
        foreach (var step in steps)
        {
            sum += step.Operations(batchRows);
        }

        return sum;
    }
}
