using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
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
        => new RowSumStep<T>(kernels, inputs[0], inputs[1], result, batch);
}

/// <summary>Adds a row to every row.</summary>
internal sealed class RowSumStep<T>(Kernels<T> kernels, Panels<T> a, Panels<T> row, Panels<T> result, bool batch) : Step<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int Tasks(int batchRows) => result.Count;

    public override void Run(int task, int batchRows, Scratch<T> scratch)
    {
        for (var r = 0; r < (batch ? batchRows : a.Rows); r++)
        {
            var offset = a.PanelOffset(task) + r * Panels<T>.Width;
            var (left, right) = (a.Start with { Offset = a.Start.Offset + offset }, row.Start with { Offset = row.Start.Offset + row.PanelOffset(task) });
            kernels.Combine(new Addition(), left, right, result.Start with { Offset = result.Start.Offset + offset }).Run(0, Panels<T>.Width);
        }
    }
}

/// <summary>a + b.</summary>
internal readonly record struct Addition : ICombination
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public TX Of<TX>(TX a, TX b) where TX : IReal<TX> => a + b;
}
