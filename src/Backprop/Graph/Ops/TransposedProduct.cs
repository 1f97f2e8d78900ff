using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>C = Aᵀ · B; ∂A = B · ∂Cᵀ, ∂B = A · ∂C. A weight's gradient: A holds a layer's inputs, B its δ.</summary>
internal sealed class TransposedProduct : Op
{
    internal override object Identity => typeof(TransposedProduct);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0].Rows == inputs[1].Rows
        ? new(inputs[0].Columns, inputs[1].Columns)
        : throw Mismatch("k × m and k × n", inputs);

    public override Node Bprop(Node node, int input, Node gradient) => input == 0
        ? node.Inputs[1].Times(gradient.Transpose())
        : node.Inputs[0].Times(gradient);

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new TransposedProductStep<T>(kernels, inputs[0], inputs[1], batch, result, null);
}

/// <summary>Computes Aᵀ · B block by block and keeps it, or updates a parameter with each block at once.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="a">rows × m.</param>
/// <param name="b">rows × n.</param>
/// <param name="batch">Whether both have as many rows as the batch.</param>
/// <param name="result">m × n, or null when only the update wants it.</param>
/// <param name="update">The update, or null.</param>
internal sealed class TransposedProductStep<T>(
    Kernels<T> kernels, Panels<T> a, Panels<T> b, bool batch, Panels<T>? result, ParameterUpdate<T>? update) : Step<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int Tasks(int batchRows) => b.Count * Blocks(a.Columns);

    public override void Run(int task, int batchRows, Scratch<T> scratch)
    {
        var (panel, row, rows) = Place(task, b.Count, a.Columns, batch ? batchRows : a.Rows);
        ref var block = ref result is null ? ref scratch.Block.At(0) : ref result.Start.At(result.PanelOffset(panel) + row * Panels<T>.Width);
        kernels.ProductColumns(a, b, ref block, panel, row, rows, batch ? batchRows : a.Rows);
        update?.Run(panel, row, rows, ref block);
    }

    public override double Operations(int batchRows) => 2.0 * (batch ? batchRows : a.Rows) * a.Columns * b.Columns;
}
