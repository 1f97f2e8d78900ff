using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>In training, sets each number to 0 with probability p and divides the others by 1 − p; else leaves them. Srivastava et al. (2014).</summary>
/// <remarks>The masks are PyTorch's, bit for bit: on the stream that drew the first weights, row by row, layer by layer.</remarks>
/// <param name="probability">p, from 0 to 1.</param>
public sealed class Dropout(double probability = 0.5) : Layer
{
    /// <summary>p.</summary>
    public double Probability { get; } = probability is >= 0 and <= 1
        ? probability
        : throw new ArgumentException(FormattableString.Invariant($"The probability of a Dropout layer is {probability}, outside 0 to 1. Correct it."));

    /// <inheritdoc/>
    public override int ColumnsOf(IReadOnlyList<int> inputs) => Only(inputs);

    /// <inheritdoc/>
    public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode)
        => mode.Training && Probability > 0 ? inputs[0] * mode.DropoutMask(inputs[0].Shape.Columns, Probability) : inputs[0];

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"dropout {Probability}");
}
