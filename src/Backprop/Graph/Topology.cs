namespace Backprop.Graph;

/// <summary>The ancestors of some nodes in topological order, and who consumes whom.</summary>
internal sealed class Topology
{
    private readonly Dictionary<Node, List<(Node Consumer, int Input)>> consumers = [];
    private readonly List<Node> order = [];

    /// <summary>Orders what some nodes are computed from.</summary>
    public Topology(IReadOnlyList<Node> results)
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
                foreach (var input in top.Node.Inputs.Reverse())
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

    /// <summary>The nodes that take this one as an input, and as which: the book's get_consumers.</summary>
    public IReadOnlyList<(Node Consumer, int Input)> Consumers(Node node) => consumers[node];
}
