using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>C = A · B; ∂A = ∂C · Bᵀ, ∂B = Aᵀ · ∂C.</summary>
internal sealed class Product : Op
{
    internal override object Identity => typeof(Product);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0].Columns == inputs[1].Rows
        ? new(inputs[0].Rows, inputs[1].Columns)
        : throw Mismatch("m × k and k × n", inputs);

    public override Node Bprop(Node node, int input, Node gradient) => input == 0
        ? gradient.Times(node.Inputs[1].Transpose())
        : node.Inputs[0].TransposeTimes(gradient);

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new ProductStep<T>(kernels, inputs[0], inputs[1], result, batch, null, null);
}

/// <summary>Computes A · B block by block, adds a bias and runs elementwise work on each block while it is in cache.</summary>
internal sealed class ProductStep<T>(
    Kernels<T> kernels, Panels<T> a, Panels<T> b, Panels<T> result, bool batch, Panels<T>? bias, Block<T>? epilogue) : PanelStep<T>(result, batch, a.Columns)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Panels<T> result = result;

    protected override void RunPanel(int panel, int row, int rows)
    {
        var offset = result.PanelOffset(panel) + row * Panels<T>.Width;
        kernels.ProductRows(a, b, ref result.Start.At(offset), panel, row, rows, bias);
        epilogue?.Run(offset, rows * Panels<T>.Width);
    }

    public override void RunRows(int row, int rows, int batchRows)
    {
        if (rows > 1)
        {
            base.RunRows(row, rows, batchRows);
            return;
        }

        kernels.ProductRow(a, b, result, row, bias);
        for (var panel = 0; panel < result.Count; panel++)
        {
            epilogue?.Run(result.PanelOffset(panel) + row * Panels<T>.Width, Panels<T>.Width);
        }
    }

    public override double Operations(int batchRows) => 2.0 * Rows(batchRows) * a.Columns * b.Columns;
}
