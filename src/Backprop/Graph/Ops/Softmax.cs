using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>yᵢ = e^zᵢ / Σ e^zⱼ of each row, shifted by its maximum; ∂z = y ⊙ (∂y − Σ ∂yⱼ yⱼ).</summary>
internal sealed class Softmax : Op
{
    internal override object Identity => typeof(Softmax);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

    public override Node Bprop(Node node, int input, Node gradient) => node * (gradient - (gradient * node).SumColumns());

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new ByRowStep<T>((row, rows) => kernels.Softmax(inputs[0], result, row, rows), result, batch);
}

/// <summary>yᵢ = zᵢ − log Σ e^zⱼ of each row, shifted by its maximum; ∂z = ∂y − softmax(z) Σ ∂yⱼ.</summary>
internal sealed class LogSoftmax : Op
{
    internal override object Identity => typeof(LogSoftmax);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

    public override Node Bprop(Node node, int input, Node gradient)
        => gradient - node.Inputs[0].Softmax() * gradient.SumColumns();

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new ByRowStep<T>((row, rows) => kernels.LogSoftmax(inputs[0], result, row, rows), result, batch);
}
