using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>The rows of a table that a column of category numbers names: an embedding. The table's gradient adds up where a row is named again.</summary>
internal sealed class Lookup : Op
{
    internal override object Identity => typeof(Lookup);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0].Columns == 1 && !inputs[1].IsBatch
        ? inputs[1] with { Rows = inputs[0].Rows }
        : throw Mismatch("m × 1 category numbers and a table", inputs);

    public override Node? Bprop(Node node, int input, Node gradient)
        => input == 0 ? null : Node.Of(new LookupSums(node.Inputs[1].Shape.Rows), node.Inputs[0], gradient);

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
    {
        var (index, table) = (inputs[0], inputs[1]);
        return new ByRowStep<T>(
            (row, rows) =>
            {
                for (var r = row; r < row + rows; r++)
                {
                    table.CopyRow(int.CreateTruncating(index[r, 0]), result, r);
                }
            },
            result,
            batch);
    }
}

/// <summary>A lookup's gradient: zeros, plus each row of ∂C at the row of the table it was looked up from, in ascending order.</summary>
internal sealed class LookupSums(int tableRows) : Op
{
    internal override object Identity => (typeof(LookupSums), tableRows);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0].Columns == 1 && inputs[0].Rows == inputs[1].Rows
        ? inputs[1] with { Rows = tableRows }
        : throw Mismatch("m × 1 category numbers and m × n", inputs);

    public override Node? Bprop(Node node, int input, Node gradient) => input == 0 ? null : Node.Of(new Lookup(), node.Inputs[0], gradient);

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new LookupSumsStep<T>(kernels, inputs[0], inputs[1], result, batch);
}

/// <summary>Adds up the rows of a gradient, a panel at a time.</summary>
internal sealed class LookupSumsStep<T>(Kernels<T> kernels, Panels<T> index, Panels<T> gradient, Panels<T> result, bool batch) : Step<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int Tasks(int batchRows) => result.Count;

    public override void Run(int task, int batchRows, Scratch<T> scratch)
        => kernels.AddTableRows(index, gradient, result, task, batch ? batchRows : gradient.Rows);
}
