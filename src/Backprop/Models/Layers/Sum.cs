using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>The sum of its inputs, element by element: a residual connection. He et al. (2016).</summary>
public sealed class Sum : Layer
{
    internal override int ColumnsOf(IReadOnlyList<int> inputs) => inputs.Count > 1 && inputs.All(columns => columns == inputs[0])
        ? inputs[0]
        : throw new ArgumentException(
            $"A sum takes two or more values of as many columns, not of {string.Join(", ", inputs)}. Make them alike, for example by a linear layer.");

    internal override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode)
        => inputs.Skip(1).Aggregate(inputs[0], (sum, input) => sum + input);

    /// <inheritdoc/>
    public override string ToString() => "sum";
}
