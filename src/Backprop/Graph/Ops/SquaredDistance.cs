using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>cᵢⱼ = ‖xᵢ − wⱼ‖², of x's rows and W's columns; ∂x = 2 (x ⊙ Σⱼ ∂C − ∂C · Wᵀ), ∂W = 2 (W ⊙ Σᵢ ∂C − xᵀ · ∂C).</summary>
internal sealed class SquaredDistance : Op
{
    internal override object Identity => typeof(SquaredDistance);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0].Columns == inputs[1].Rows
        ? new(inputs[0].Rows, inputs[1].Columns)
        : throw Mismatch("m × k and k × n", inputs);

    public override Node Bprop(Node node, int input, Node gradient)
    {
        var (x, w) = (node.Inputs[0], node.Inputs[1]);
        return input == 0
            ? 2 * (x * gradient.SumColumns() - gradient.Times(w.Transpose()))
            : 2 * (w * gradient.SumRows() - x.TransposeTimes(gradient));
    }

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new SquaredDistanceStep<T>(kernels, inputs[0], inputs[1], result, batch);
}

/// <summary>Computes squared distances block by block.</summary>
internal sealed class SquaredDistanceStep<T>(Kernels<T> kernels, Panels<T> x, Panels<T> w, Panels<T> result, bool batch)
    : PanelStep<T>(result, batch, w.Rows) where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Panels<T> result = result;

    protected override void RunPanel(int panel, int row, int rows) => kernels.SquaredDistances(x, w, result, panel, row, rows);

    public override double Operations(int batchRows) => 3.0 * Rows(batchRows) * w.Rows * w.Columns;
}
