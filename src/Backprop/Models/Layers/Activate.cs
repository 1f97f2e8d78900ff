using Backprop.Formulas;
using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>f(x), element by element.</summary>
/// <param name="function">f.</param>
public sealed class Activate(Activation function) : Layer
{
    /// <summary>f.</summary>
    public Activation Function { get; } = function ?? throw new ArgumentException("An Activate layer has no function. Give it one.");

    /// <inheritdoc/>
    public override int ColumnsOf(IReadOnlyList<int> inputs) => Only(inputs);

    /// <inheritdoc/>
    public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode) => inputs[0].Apply(Function);

    /// <inheritdoc/>
    public override string ToString() => Function.Name;
}
