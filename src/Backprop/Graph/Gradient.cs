namespace Backprop.Graph;

/// <summary>build_grad: extends a graph by the gradient of a scalar. Goodfellow, Bengio and Courville (2016), algorithms 6.5 and 6.6.</summary>
/// <remarks>
/// Iterates in reverse topological order where the book recurses, so that depth costs no stack. A gradient is a graph like any other,
/// so it can be differentiated again.
/// </remarks>
public static class Gradient
{
    /// <summary>∂result/∂target for each target, as nodes.</summary>
    /// <param name="result">A scalar.</param>
    /// <param name="targets">Nodes of any kind.</param>
    /// <param name="zeros">Whether the gradient of a target without influence is 0, instead of an error.</param>
    /// <exception cref="ArgumentException">The result is not a scalar, or does not depend on a target.</exception>
    public static IReadOnlyList<Node> Build(Node result, IReadOnlyList<Node> targets, bool zeros = false)
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
                        select Term(use.Consumer, use.Input, gradTable[use.Consumer]);
            var gradient = terms.Aggregate((Node?)null, (sum, term) => sum is null ? term : term is null ? sum : sum + term);
            if (gradient is not null)
            {
                gradTable[node] = gradient;
            }
        }

        Node Find(Node target) => gradTable.TryGetValue(target, out var gradient) ? gradient
            : zeros || topology.Contains(target) ? Node.Constant(0, target.Shape)
            : throw new ArgumentException($"{result} does not depend on {target}. Leave that target out.");
        return Merging.Of(topology, [.. targets.Select(Find)]);
    }

    private static Node? Term(Node consumer, int input, Node gradient)
    {
        var term = consumer.Op.Bprop(consumer, input, gradient);
        return term is null || term.Shape == consumer.Inputs[input].Shape
            ? term
            : throw new InvalidOperationException(
                $"{consumer.Op.Name}'s Bprop gave {term} as the gradient of its input {input}, {consumer.Inputs[input]}. A gradient has its variable's shape.");
    }
}
