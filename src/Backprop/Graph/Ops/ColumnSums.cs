using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>c = 1ᵀ · A: a bias's gradient; ∂A = 1 · ∂c.</summary>
internal sealed class ColumnSums : Op
{
    internal override object Identity => typeof(ColumnSums);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => new(1, inputs[0].Columns);

    public override Node Bprop(Node node, int input, Node gradient) => gradient.RepeatTo(node.Inputs[0].Shape);

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new ColumnSumsStep<T>(kernels, inputs[0], batch, result, null);
}

/// <summary>Adds up the rows of a matrix and keeps the sums, or updates a parameter with them at once.</summary>
internal sealed class ColumnSumsStep<T>(Kernels<T> kernels, Panels<T> a, bool batch, Panels<T>? result, ParameterUpdate<T>? update) : Step<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int Tasks(int batchRows) => a.Count;

    public override void Run(int task, int batchRows, Scratch<T> scratch)
    {
        ref var sums = ref result is null ? ref scratch.Block.At(0) : ref result.Start.At(result.PanelOffset(task));
        kernels.ColumnSums(a, ref sums, task, batch ? batchRows : a.Rows);
        update?.Run(task, 0, 1, ref sums);
    }
}
