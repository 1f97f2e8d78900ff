using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>Some neighbouring columns.</summary>
/// <param name="first">The first of them, from 0.</param>
/// <param name="count">How many.</param>
public sealed class Columns(int first, int count) : Layer
{
    /// <summary>The first of them.</summary>
    public int First { get; } = first;

    /// <summary>How many.</summary>
    public int Count { get; } = count;

    /// <inheritdoc/>
    public override int ColumnsOf(IReadOnlyList<int> inputs) => First >= 0 && Count > 0 && First <= Only(inputs) - Count
        ? Count
        : throw new ArgumentException($"There are no {Count} columns from column {First} among {Only(inputs)}. Choose columns that are there.");

    /// <inheritdoc/>
    public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode) => inputs[0].Columns(First, Count);

    /// <inheritdoc/>
    public override string ToString() => $"columns {First} to {First + Count - 1}";
}

/// <summary>Values side by side.</summary>
public sealed class Concatenation : Layer
{
    /// <inheritdoc/>
    public override int ColumnsOf(IReadOnlyList<int> inputs) => Model.CheckUnits(inputs.Sum(columns => (long)columns), "A Concatenation");

    /// <inheritdoc/>
    public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode) => Node.Concatenate(inputs);

    /// <inheritdoc/>
    public override string ToString() => "concatenation";
}
