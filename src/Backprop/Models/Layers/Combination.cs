using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>Values of one shape combined element by element.</summary>
public abstract class Combination : Layer
{
    /// <inheritdoc/>
    public sealed override int ColumnsOf(IReadOnlyList<int> inputs) => inputs.Count > 1 && inputs.All(columns => columns == inputs[0])
        ? inputs[0]
        : throw new ArgumentException(
            $"A {this} takes two or more values of as many columns, not of {string.Join(", ", inputs)}. Make them alike, for example by a linear layer.");

    /// <inheritdoc/>
    public sealed override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode) => inputs.Aggregate(Combine);

    private protected abstract Node Combine(Node a, Node b);
}

/// <summary>The sum of its inputs, element by element: a residual connection. He et al. (2016).</summary>
public sealed class Sum : Combination
{
    private protected override Node Combine(Node a, Node b) => a + b;

    /// <inheritdoc/>
    public override string ToString() => "sum";
}

/// <summary>The product of its inputs, element by element: a gate.</summary>
public sealed class Product : Combination
{
    private protected override Node Combine(Node a, Node b) => a * b;

    /// <inheritdoc/>
    public override string ToString() => "product";
}
