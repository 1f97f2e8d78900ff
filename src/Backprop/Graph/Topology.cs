namespace Backprop.Graph;

/// <summary>A computational graph: the ancestors of some nodes in topological order, and who consumes whom.</summary>
/// <remarks>
/// Nodes are made of nodes that are already there and never change, so there are no cycles to guard against. The book's names are
/// those of Goodfellow, Bengio and Courville (2016), section 6.5.6.
/// </remarks>
public sealed class Topology
{
    private readonly Dictionary<Node, List<(Node Consumer, int Input)>> consumers = [];
    private readonly List<Node> order = [];

    /// <summary>Orders what some nodes are computed from.</summary>
    /// <param name="results">The nodes.</param>
    /// <param name="after">What comes before a node beside its inputs, or null.</param>
    public Topology(IReadOnlyList<Node> results, IReadOnlyDictionary<Node, IReadOnlyList<Node>>? after = null)
    {
        var pending = new Stack<(Node Node, bool Expanded)>();
        foreach (var result in results.Reverse())
        {
            pending.Push((result, false));
        }

        while (pending.TryPop(out var top))
        {
            if (top.Expanded)
            {
                order.Add(top.Node);
                for (var i = 0; i < top.Node.Inputs.Count; i++)
                {
                    consumers[top.Node.Inputs[i]].Add((top.Node, i));
                }
            }
            else if (consumers.TryAdd(top.Node, []))
            {
                pending.Push((top.Node, true));
                foreach (var input in top.Node.Inputs.Concat(after?.GetValueOrDefault(top.Node) ?? []).Reverse())
                {
                    pending.Push((input, false));
                }
            }
        }
    }

    /// <summary>Every node after its inputs.</summary>
    public IReadOnlyList<Node> Order => order;

    /// <summary>Whether a node is one of them.</summary>
    public bool Contains(Node node) => consumers.ContainsKey(node);

    /// <summary>The nodes that take this one as an input, and as which of their inputs.</summary>
    /// <exception cref="ArgumentException">The node is not of this graph.</exception>
    public IReadOnlyList<(Node Consumer, int Input)> Consumers(Node node) => consumers.TryGetValue(node, out var uses) ? uses : throw Stranger(node);

    /// <summary>The book's get_operation(V): the operation that computes a node.</summary>
    public static Op GetOperation(Node node) => node.Op;

    /// <summary>The book's get_inputs(V, G): what a node is computed from.</summary>
    /// <exception cref="ArgumentException">The node is not of this graph.</exception>
    public IReadOnlyList<Node> GetInputs(Node node) => Contains(node) ? node.Inputs : throw Stranger(node);

    /// <summary>The book's get_consumers(V, G): the nodes of this graph that are computed from a node, each once.</summary>
    /// <exception cref="ArgumentException">The node is not of this graph.</exception>
    public IReadOnlyList<Node> GetConsumers(Node node) => [.. Consumers(node).Select(use => use.Consumer).Distinct()];

    private static ArgumentException Stranger(Node node) => new($"{node} is not in this graph. Make the graph of nodes that are computed from it.");
}
