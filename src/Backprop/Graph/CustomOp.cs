using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Graph;

/// <summary>An operation of your own, from any assembly: derive from it, and apply it by <see cref="Node.Of"/>.</summary>
/// <remarks>
/// <see cref="Op.Bprop"/> builds its result from nodes, so that gradients of gradients work; where it needs another operation of yours,
/// that is a class of its own. An operation has no state: it is applied to many nodes and run by many threads at once.
/// For a function of elements write an <see cref="Formulas.IFormula"/> instead, and apply it by <see cref="Node.Map{TF}"/>: it is run
/// by vectors, and its derivatives are read from it.
/// </remarks>
public abstract class CustomOp : Op
{
    /// <summary>
    /// Whether each row of the result depends only on the same row of those inputs that have as many. If so, <see cref="Run{T}"/> is
    /// called for blocks of rows, by several threads at once.
    /// </summary>
    public virtual bool ByRow => false;

    internal sealed override bool IsByRow => ByRow;

    /// <summary>Computes the result from the inputs.</summary>
    /// <param name="inputs">The inputs' values; of a block of rows, those of its rows where an input has as many rows as the result.</param>
    /// <param name="result">Every element is to be written: what it holds before is not 0.</param>
    /// <typeparam name="T">float or double.</typeparam>
    public abstract void Run<T>(Operands<T> inputs, Matrix<T> result) where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>The work for a node.</summary>
    internal Step<T> StepOf<T>(Node node, Panels<T>[] inputs, Panels<T> result) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var shapes = node.Inputs.Select(input => input.Shape).ToArray();
        // Of a result without the batch's rows, each may read all of the batch.
        return ByRow && (node.Shape.IsBatch || !shapes.Any(shape => shape.IsBatch))
            ? new ByRowStep<T>(
                (row, rows) => Run(new(inputs, shapes, node.Shape.Rows, row, rows), new Matrix<T>(result, row, rows)), result, node.Shape.IsBatch)
            : new WholeStep<T>(rows => Run(
                new(inputs, shapes, Shape.Batch, 0, rows), new Matrix<T>(result, 0, node.Shape.IsBatch ? rows : node.Shape.Rows)));
    }
}

/// <summary>Work that is not cut.</summary>
/// <param name="work">Works on a batch of that many rows.</param>
internal sealed class WholeStep<T>(Action<int> work) : Step<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int Tasks(int batchRows) => 1;

    public override void Run(int task, int batchRows, Scratch<T> scratch) => work(batchRows);
}
