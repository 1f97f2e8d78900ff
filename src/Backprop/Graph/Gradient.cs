namespace Backprop.Graph;

/// <summary>build_grad: extends a graph by the gradient of a scalar. Goodfellow, Bengio and Courville (2016), algorithms 6.5 and 6.6.</summary>
/// <remarks>Iterates in reverse topological order where the book recurses, so that depth costs no stack.</remarks>
internal static class Gradient
{
    /// <summary>∂result/∂target for each target, as nodes.</summary>
    /// <exception cref="ArgumentException">The result is not a scalar, or does not depend on a target.</exception>
    public static IReadOnlyList<Node> Build(Node result, IReadOnlyList<Node> targets)
    {
        if (result.Shape != Shape.Scalar)
        {
            throw new ArgumentException($"{result} is not a scalar. Differentiate a loss, or a sum.");
        }

        // G′: ancestors of the result that descend from a target. Nodes outside it are never built.
        var topology = new Topology([result]);
        var relevant = new HashSet<Node>(targets);
        foreach (var node in topology.Order.Where(node => node.Inputs.Any(relevant.Contains)))
        {
            relevant.Add(node);
        }

        var gradTable = new Dictionary<Node, Node> { [result] = Node.Constant(1, Shape.Scalar) };
        foreach (var node in topology.Order.Reverse().Where(node => node != result && relevant.Contains(node)))
        {
            var terms = from use in topology.Consumers(node)
                        where gradTable.ContainsKey(use.Consumer)
                        select use.Consumer.Op.Bprop(use.Consumer, use.Input, gradTable[use.Consumer]);
            var gradient = terms.Aggregate((Node?)null, (sum, term) => sum is null ? term : sum + term);
            if (gradient is not null)
            {
                gradTable[node] = gradient;
            }
        }

        return [.. targets.Select(target => gradTable.TryGetValue(target, out var gradient)
            ? gradient
            : throw new ArgumentException($"{result} does not depend on {target}. Leave that target out."))];
    }
}

/// <summary>The ancestors of some nodes in topological order, and who consumes whom.</summary>
internal sealed class Topology
{
    private readonly Dictionary<Node, List<(Node Consumer, int Input)>> consumers = [];
    private readonly List<Node> order = [];

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

    /// <summary>The nodes that take this one as an input, and as which: the book's get_consumers.</summary>
    public IReadOnlyList<(Node Consumer, int Input)> Consumers(Node node) => consumers[node];
}
