using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>Some neighbouring columns of A; ∂A = zeros with ∂C in their place.</summary>
internal sealed class Columns(int first, int count) : Op
{
    /// <summary>The first column.</summary>
    public int First => first;

    internal override object Identity => (typeof(Columns), first, count);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => first >= 0 && count > 0 && first + (long)count <= inputs[0].Columns
        ? inputs[0] with { Columns = count }
        : throw Mismatch($"a matrix with columns {first} to {first + (long)count - 1}", inputs);

    public override Node Bprop(Node node, int input, Node gradient)
    {
        var whole = node.Inputs[0].Shape;
        IEnumerable<Node> Zeros(int columns) => columns == 0 ? [] : [Node.Constant(0, whole with { Columns = columns })];
        return Node.Concatenate([.. Zeros(first), gradient, .. Zeros(whole.Columns - first - count)]);
    }

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new ByRowStep<T>((row, rows) => inputs[0].CopyColumns(first, result, 0, count, row, rows), result, batch);
}

/// <summary>Matrices side by side; each one's gradient is its columns of ∂C.</summary>
internal sealed class Concatenation : Op
{
    internal override object Identity => typeof(Concatenation);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs.Count > 0 && inputs.All(i => i.Rows == inputs[0].Rows)
        ? inputs[0] with { Columns = checked(inputs.Sum(i => i.Columns)) }
        : throw Mismatch("one matrix or more, with the same number of rows", inputs);

    public override Node Bprop(Node node, int input, Node gradient)
        => gradient.Columns(node.Inputs.Take(input).Sum(i => i.Shape.Columns), node.Inputs[input].Shape.Columns);

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
    {
        // An array: a list's enumerator would be allocated at each step.
        Panels<T>[] parts = [.. inputs];
        return new ByRowStep<T>(
            (row, rows) =>
            {
                var at = 0;
                foreach (var input in parts)
                {
                    input.CopyColumns(0, result, at, input.Columns, row, rows);
                    at += input.Columns;
                }
            },
            result,
            batch);
    }
}
