using Backprop.Formulas;
using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>Y = f(X), element by element; ∂X = ∂Y ⊙ f′(X, Y).</summary>
internal sealed class Apply(Activation f) : Op
{
    internal override object Identity => (typeof(Apply), f);

    public Activation Function => f;

    public override string Name => f.Name;

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

    public override Node Bprop(Node node, int input, Node gradient) => Node.Of(new ApplyGradient(f), gradient, node.Inputs[0], node);

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new ElementwiseStep<T>(kernels.Activate(f, inputs[0].Start, result.Start), result, batch);
}

/// <summary>∂X = ∂Y ⊙ f′(X, Y), of ∂Y, X and Y; its own derivatives are read from f′ by dual numbers of nodes.</summary>
internal sealed class ApplyGradient(Activation f) : Op
{
    internal override object Identity => (typeof(ApplyGradient), f);

    public Activation Function => f;

    public override string Name => $"{f.Name}Gradient";

    public override bool Reads(int input) => input switch { 1 => f.DerivativeReads.X, 2 => f.DerivativeReads.Y, _ => true };

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0] == inputs[1] && inputs[1] == inputs[2]
        ? inputs[0]
        : throw Mismatch("three matrices of one shape", inputs);

    public override Node? Bprop(Node node, int input, Node gradient)
    {
        var (dy, x, y) = (node.Inputs[0], node.Inputs[1], node.Inputs[2]);
        if (input == 0)
        {
            return Node.Of(new ApplyGradient(f), gradient, x, y);
        }

        // ∂f′(x, y)/∂x with y held and ∂f′(x, y)/∂y with x held: y's own dependence on x is a path of the graph.
        var slope = f.Derivative<Dual<Symbol>>(new(new(x), input == 1 ? 1 : 0), new(new(y), input == 2 ? 1 : 0)).Derivative;
        return slope.IsZero ? null : (new Symbol(gradient * dy) * slope).Node.RepeatTo(node.Shape);
    }

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new ElementwiseStep<T>(
            kernels.ActivationGradient(f, inputs[0].Start, inputs[1].Start, inputs[2].Start, result.Start), result, batch);
}
