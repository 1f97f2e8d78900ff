using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>An operation on two matrices of one shape, element by element.</summary>
internal abstract class Elementwise : Op
{
    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0] == inputs[1]
        ? inputs[0]
        : throw Mismatch("two matrices of one shape", inputs);

    protected static Step<T> Combine<T, TF>(TF f, Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        where T : unmanaged, IFloatingPointIeee754<T> where TF : struct, ICombination
        => new ElementwiseStep<T>(kernels.Combine(f, inputs[0].Start, inputs[1].Start, result.Start), result, batch);
}

/// <summary>C = A + B; ∂A = ∂B = ∂C.</summary>
internal sealed class Add : Elementwise
{
    public override Node Bprop(Node node, int input, Node gradient) => gradient;

    public override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => Combine(new Addition(), kernels, inputs, result, batch);
}

/// <summary>C = A ⊙ B; ∂A = ∂C ⊙ B, ∂B = ∂C ⊙ A.</summary>
internal sealed class Multiply : Elementwise
{
    public override Node Bprop(Node node, int input, Node gradient) => gradient * node.Inputs[1 - input];

    public override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => Combine(new Multiplication(), kernels, inputs, result, batch);
}
