using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>C = Aᵀ; ∂A = ∂Cᵀ. Of a parameter, a plan keeps a transposed copy instead of running this.</summary>
internal sealed class Transposition : Op
{
    internal override object Identity => typeof(Transposition);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0].Rows != Shape.Batch
        ? new(inputs[0].Columns, inputs[0].Rows)
        : throw Mismatch("a matrix with a known number of rows", inputs);

    public override Node Bprop(Node node, int input, Node gradient) => gradient.Transpose();

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new TransposeStep<T>(inputs[0], result);
}

/// <summary>Transposes a matrix, a panel at a time.</summary>
internal sealed class TransposeStep<T>(Panels<T> source, Panels<T> result) : Step<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int Tasks(int batchRows) => source.Count;

    public override void Run(int task, int batchRows, Scratch<T> scratch)
        => ParameterUpdate<T>.TransposeRows(source, result, task, 0, source.Rows);
}
