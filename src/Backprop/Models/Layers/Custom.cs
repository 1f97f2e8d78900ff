using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>An operation of your own as a layer. It learns nothing itself; what it learns from are its inputs.</summary>
/// <remarks>A network with one is trained and scored like any other, but not saved: nobody could load it by a name.</remarks>
/// <param name="operation">Works row by row, as its <see cref="CustomOp.ByRow"/> says.</param>
public sealed class Custom(CustomOp operation) : Layer
{
    /// <summary>The operation.</summary>
    public CustomOp Operation { get; } = operation.ByRow
        ? operation
        : throw new ArgumentException($"Rows of {operation.Name} may depend on other rows, so that a row's score would depend on those it is scored with. "
            + "Set ByRow if they do not.");

    /// <inheritdoc/>
    public override int ColumnsOf(IReadOnlyList<int> inputs)
    {
        var shape = Operation.ShapeOf([.. inputs.Select(columns => new Shape(Shape.Batch, columns))]);
        return shape.IsBatch
            ? Model.CheckUnits(shape.Columns, $"The layer {this}")
            : throw new ArgumentException($"The result of {this} is {shape}, without a row for each example. Give it as many rows as its inputs have.");
    }

    /// <inheritdoc/>
    public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode) => Node.Of(Operation, [.. inputs]);

    /// <inheritdoc/>
    public override string ToString() => Operation.Name;
}
