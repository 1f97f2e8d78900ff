using Backprop.Graph;
using Backprop.Torch;

namespace Backprop.Interop.Tests.Properties;

/// <summary>A value of a random graph in both libraries: a node, and what PyTorch computes it by.</summary>
/// <param name="node">The engine's.</param>
/// <param name="theirs">PyTorch's, of the inputs' tensors.</param>
/// <param name="inputs">What it is computed from; none for a leaf.</param>
/// <param name="size">About how large its numbers are.</param>
internal sealed class GraphValue(Node node, Func<Torched[], Torched> theirs, IReadOnlyList<GraphValue> inputs, double size)
{
    public Node Node => node;

    public Func<Torched[], Torched> Theirs => theirs;

    public IReadOnlyList<GraphValue> Inputs => inputs;

    public double Size => size;

    public Shape Shape => node.Shape;
}

/// <summary>A leaf, its numbers, and whether it is differentiated with respect to.</summary>
internal sealed record GraphLeaf(GraphValue Value, double[,] Numbers, bool Differentiated);
