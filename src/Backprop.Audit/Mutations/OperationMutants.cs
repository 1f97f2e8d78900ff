using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Models;

namespace Backprop.Audit.Mutations;

/// <summary>Operations of the graph that give a wrong gradient.</summary>
internal static class OperationMutants
{
    // Vectors are at most 16 numbers wide: 22 columns are a whole one and part of another.
    private const int Vector = 16;

    private static readonly Specimen Square = Specimen.Of("10-10-10-3", "tanh", "multiclass");
    private static readonly Specimen Wide = Specimen.Of("6-22-3", "tanh", "multiclass");

    public static IReadOnlyList<Mutant> All { get; } =
    [
        Of("a transposed product", "δ W for δ Wᵀ on the way down", GradientTrial.Backward(
            Square, node => node is { Op: Product, Inputs: [var delta, { Op: Transposition } transposed] } && transposed.Shape.Rows == transposed.Shape.Columns
                ? delta.Times(transposed.Inputs[0]) : node)),
        Of("a transposed weight gradient", "δᵀ x for xᵀ δ", GradientTrial.Backward(
            Square, node => node is { Op: TransposedProduct, Inputs: [var x, var delta] } && x.Shape == delta.Shape ? delta.TransposeTimes(x) : node)),
        Of("a dropped bias gradient", "biases stay as they are", GradientTrial.Backward(
            Square, node => node.Op is ColumnSums ? Node.Constant(0, node.Shape) : node)),
        Of("a bias's mean gradient", "divided by the rows once more", GradientTrial.Backward(
            Square, node => node.Op is ColumnSums ? node * Node.BatchShare() : node)),
        Of("a dropped sample in a weight's gradient", "the last row of the batch", GradientTrial.Backward(
            Square, node => node is { Op: TransposedProduct, Inputs: [var x, var delta] } ? x.TransposeTimes(Node.Of(new WithoutLastRow(), delta)) : node)),
        Of("a dropped sample in a bias's gradient", "the last row of the batch", GradientTrial.Backward(
            Square, node => node is { Op: ColumnSums, Inputs: [var delta] } ? Node.Of(new WithoutLastRow(), delta).SumRows() : node)),
        Of("a forgotten consumer", "of two uses of a value only the first gives a gradient", GradientTrial.Backward(
            Specimen.Of(Residual()), node => node is { Op: Map { Name: nameof(Primitives.Addition) }, Shape.IsBatch: true } ? node.Inputs[0] : node)),
        Of("columns off by one", "each unit gets its neighbour's gradient", GradientTrial.Backward(
            Wide, node => node.Op is ApplyGradient ? Node.Concatenate(node.Columns(1, node.Shape.Columns - 1), node.Columns(0, 1)) : node)),
        Of("columns behind the last whole vector left out", "the remainder loop is missing", GradientTrial.Backward(
            Wide, node => node.Op is ApplyGradient
                ? Node.Concatenate(node.Columns(0, Vector), Node.Constant(0, node.Shape with { Columns = node.Shape.Columns - Vector })) : node)),
        Of("softmax′ by its diagonal alone", "− y Σ ∂y y is missing", RuleTrial.Operation(
            () => Input.Softmax(), () => Node.Of(new DiagonalSoftmax(), Input))),
        Of("a second derivative left out", "Hessians lack a term; gradients are right", RuleTrial.Operation(
            () => Input * Input * Input, () => Node.Of(new CubeOfConstantSlope(), Input))),
        Of("rows that read other rows against their promise", "a row's score depends on its batch", RuleTrial.Operation(
            () => Input - Input.MeanRows(), () => Node.Of(new CentredOnTheBatch(), Input))),
    ];

    private static Node Input => Node.Input("x", 4);

    private static Mutant Of(string name, string breaks, Trial trial) => new(name, "operation", breaks, trial);

    private static Model Residual()
    {
        var hidden = Signal.Features(6).Linear(10).Apply(new Tanh());
        return Model.Of((hidden + hidden.Linear(10).Apply(new Tanh())).Linear(3), Head.Multiclass);
    }
}
