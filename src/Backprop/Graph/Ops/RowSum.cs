using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>C = A + 1 · row: a bias; ∂A = ∂C, ∂row = the column sums of ∂C.</summary>
internal sealed class RowSum : Op
{
    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[1] == new Shape(1, inputs[0].Columns)
        ? inputs[0]
        : throw Mismatch("m × n and 1 × n", inputs);

    public override Node Bprop(Node node, int input, Node gradient) => input == 0 ? gradient : gradient.SumRows();

    public override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new RowSumStep<T>(inputs[0], inputs[1], result, batch);
}

/// <summary>Adds a row to every row. (A bias after a product never comes here: it is part of the product's step.)</summary>
internal sealed class RowSumStep<T>(Panels<T> a, Panels<T> row, Panels<T> result, bool batch) : PanelStep<T>(result, batch)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Panels<T> result = result;

    protected override void RunPanel(int panel, int from, int rows)
    {
        for (var r = from; r < from + rows; r++)
        {
            var offset = a.PanelOffset(panel) + r * Panels<T>.Width;
            for (var c = 0; c < Panels<T>.Width; c++)
            {
                result.Start.At(offset + c) = a.Start.At(offset + c) + row.Start.At(row.PanelOffset(panel) + c);
            }
        }
    }
}
