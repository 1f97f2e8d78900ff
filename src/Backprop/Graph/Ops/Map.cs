using System.Numerics;
using Backprop.Formulas;
using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>C = f(A, B, …), element by element; an input with one row, one column or both is repeated.</summary>
/// <remarks>∂A = ∂C ⊙ ∂f/∂A, read from the formula by dual numbers of nodes, then added up over what was repeated.</remarks>
internal abstract class Map : Op
{
    /// <summary>The formula, of numbers of any kind.</summary>
    internal abstract TX Read<TX>(TX a, TX b, TX c) where TX : IReal<TX>;

    /// <summary>A formula of nodes.</summary>
    public static Node Of<TF>(TF f, params IReadOnlyList<Node> inputs) where TF : struct, IFormula => Node.Of(new Map<TF>(f), WithoutRepeats(inputs));

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs)
        => Shape.Broadcast(inputs) ?? throw Mismatch("matrices of one shape, of which any may have one row, one column or both", inputs);

    public override Node? Bprop(Node node, int input, Node gradient)
    {
        Dual<Symbol> Variable(int i) => node.Inputs.Count > i ? new(new(node.Inputs[i]), i == input ? 1 : 0) : default(Dual<Symbol>);
        var partial = Read(Variable(0), Variable(1), Variable(2)).Derivative;
        return partial.IsZero ? null : (new Symbol(gradient) * partial).Node.RepeatTo(node.Shape).SumTo(node.Inputs[input].Shape);
    }

    /// <summary>Inputs without the repetitions that this operation does by itself.</summary>
    private static IReadOnlyList<Node> WithoutRepeats(IReadOnlyList<Node> inputs)
    {
        var shape = Shape.Broadcast(Shape.Of(inputs));
        var spare = inputs.ToArray();
        for (var i = 0; shape is not null && i < spare.Length; i++)
        {
            var input = spare[i];
            spare[i] = input.Op switch
            {
                Repeat => input.Inputs[0],
                Constant constant when input.Shape != Shape.Scalar => constant.Value,
                _ => input,
            };
            if (Shape.Broadcast(Shape.Of(spare)) != shape)
            {
                spare[i] = input;
            }
        }

        return spare;
    }
}

/// <inheritdoc/>
internal sealed class Map<TF>(TF f) : Map where TF : struct, IFormula
{
    public override string Name => typeof(TF).Name;

    internal override object Identity => (typeof(Map<TF>), f);

    public override bool Reads(int input)
        => f.Of(Formulas.Reads.First, Formulas.Reads.Second, Formulas.Reads.Third).Has(new Reads(1 << input));

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs)
        => inputs.Count == TF.Inputs ? base.ShapeOf(inputs) : throw Mismatch($"{TF.Inputs} inputs", inputs);

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new MapStep<T>(kernels.Map(f, inputs, result), result, batch);

    internal override TX Read<TX>(TX a, TX b, TX c) => f.Of(a, b, c);
}

/// <summary>Runs a formula of matrices.</summary>
internal sealed class MapStep<T>(MapKernel<T> kernel, Panels<T> result, bool batch) : PanelStep<T>(result, batch)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    protected override void RunPanel(int panel, int row, int rows) => kernel.Run(panel, row, rows);
}

/// <summary>A row, a column or a number repeated to a shape; the gradient is the sum over what was repeated.</summary>
internal sealed class Repeat(Shape shape) : Op
{
    internal override object Identity => (typeof(Repeat), shape);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => Shape.Broadcast([inputs[0], shape]) == shape
        ? shape
        : throw Mismatch($"what can be repeated to {shape}", inputs);

    public override Node Bprop(Node node, int input, Node gradient) => gradient.SumTo(node.Inputs[0].Shape);

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new MapStep<T>(kernels.Map(default(Primitives.Copy), inputs, result), result, batch);
}
