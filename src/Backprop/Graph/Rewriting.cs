namespace Backprop.Graph;

/// <summary>Puts other nodes in the place of those of a graph, before it is planned: so the audit hands in an operation that is broken.</summary>
/// <param name="forward">What stands in for a node of the network; its gradient is built from that. Null to leave all as they are.</param>
/// <param name="backward">What stands in for a node of the gradients; null to leave all as they are.</param>
internal sealed class Rewriting(Func<Node, Node>? forward, Func<Node, Node>? backward)
{
    private readonly Dictionary<Node, Node> known = [];

    /// <summary>A network's node with others in the place of those it is computed from, and of itself.</summary>
    public Node Forward(Node result) => Of(result, forward);

    /// <summary>The same of a gradient; what was written for the network stays as it is.</summary>
    public Node Backward(Node result) => Of(result, backward);

    private Node Of(Node result, Func<Node, Node>? replace)
    {
        foreach (var node in new Topology([result]).Order.Where(node => !known.ContainsKey(node)))
        {
            Node[] inputs = [.. node.Inputs.Select(input => known[input])];
            var same = inputs.SequenceEqual(node.Inputs) ? node : node.WithInputs(inputs);
            known[node] = replace is null || node.IsLeaf ? same : Fitting(same, replace(same));
        }

        // What a replacement is made of is not to be replaced in its turn.
        foreach (var node in new Topology([known[result]]).Order)
        {
            known.TryAdd(node, node);
        }

        return known[result];
    }

    private static Node Fitting(Node node, Node replacement) => replacement.Shape == node.Shape
        ? replacement
        : throw new ArgumentException($"{replacement} cannot stand in for {node}. Give a node of its shape.");
}
