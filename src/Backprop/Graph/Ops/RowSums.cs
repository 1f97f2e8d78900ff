using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>c = A · 1: the sum of each row; ∂A = ∂c · 1ᵀ.</summary>
internal sealed class RowSums : Op
{
    internal override object Identity => typeof(RowSums);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0] with { Columns = 1 };

    public override Node Bprop(Node node, int input, Node gradient) => gradient.RepeatTo(node.Inputs[0].Shape);

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new ByRowStep<T>((row, rows) => kernels.RowSums(inputs[0], result, row, rows), result, batch);
}
