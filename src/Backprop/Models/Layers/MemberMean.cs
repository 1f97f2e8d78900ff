using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>
/// The mean of the logits of members, element by element. Where a head is given it, each member is trained by a loss of its own and the
/// head's loss is the mean of theirs; what is scored, validated and exported is the mean of the logits. Gorishniy, Kotelnikov and Babenko
/// (2025), TabM.
/// </summary>
/// <remarks>
/// So probabilities are geometric means of the members', normalised, as an <see cref="Ensemble"/>'s are. Losses of classes, counts,
/// quantiles and means are convex in the logits: on any row the mean's loss is at most the mean of the members' losses.
/// <see cref="Signal.SharedMembers"/> makes the members.
/// </remarks>
public sealed class MemberMean : Layer
{
    /// <inheritdoc/>
    public override int ColumnsOf(IReadOnlyList<int> inputs) => inputs.Count > 0 && inputs.All(columns => columns == inputs[0])
        ? inputs[0]
        : throw new ArgumentException(
            $"A MemberMean layer takes values of as many columns, not of {string.Join(", ", inputs)}. Give each member as many outputs.");

    /// <inheritdoc/>
    public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode)
        => inputs.Aggregate((sum, member) => sum + member) * (1.0 / inputs.Count);

    /// <inheritdoc/>
    public override string ToString() => "mean of members";
}
