namespace Backprop.Graph;

/// <summary>Products of Jacobians and Hessians with vectors, as nodes: no Jacobian is ever formed.</summary>
/// <remarks>A matrix stands for the vector of its elements.</remarks>
public static class Derivatives
{
    /// <summary>vᵀ ∂y/∂x for each x: one pass backward, whatever the shape of y.</summary>
    /// <param name="v">Of y's shape.</param>
    /// <param name="y">What is differentiated.</param>
    /// <param name="targets">With respect to what.</param>
    /// <param name="zeros">Whether that of a target without influence is 0, instead of an error.</param>
    /// <exception cref="ArgumentException">The shapes of v and y differ, or y does not depend on a target.</exception>
    public static IReadOnlyList<Node> VectorTimesJacobian(Node v, Node y, IReadOnlyList<Node> targets, bool zeros = false)
        => Gradient.Build(Dot(v, y), targets, zeros);

    /// <summary>∂y/∂x · v: the gradient, with respect to u, of the linear function uᵀ ∂y/∂x · v.</summary>
    /// <param name="y">What is differentiated.</param>
    /// <param name="x">With respect to what.</param>
    /// <param name="v">Of x's shape.</param>
    /// <exception cref="ArgumentException">The shapes of v and x differ, or y does not depend on x.</exception>
    public static Node JacobianTimesVector(Node y, Node x, Node v)
    {
        var u = Like(y, "u");
        var product = Gradient.Build(Dot(VectorTimesJacobian(u, y, [x])[0], v), [u], zeros: true)[0];
        // What is linear in u does not need its value; a rule that names it all the same gets 0.
        return Replace(product, u, Node.Constant(0, u.Shape));
    }

    /// <summary>∂²result/∂x² · v: the gradient of ∂result/∂x · v. Pearlmutter (1994).</summary>
    /// <param name="result">A scalar.</param>
    /// <param name="x">With respect to what.</param>
    /// <param name="v">Of x's shape.</param>
    /// <exception cref="ArgumentException">The result is not a scalar or does not depend on x, or the shapes of v and x differ.</exception>
    public static Node HessianTimesVector(Node result, Node x, Node v)
        => Gradient.Build(Dot(Gradient.Build(result, [x])[0], v), [x], zeros: true)[0];

    /// <summary>A leaf of a node's shape.</summary>
    internal static Node Like(Node node, string name)
        => node.Shape.IsBatch ? Node.Input(name, node.Shape.Columns) : Node.State(name, node.Shape.Rows, node.Shape.Columns);

    private static Node Dot(Node a, Node b) => a.Shape == b.Shape
        ? (a * b).Sum()
        : throw new ArgumentException($"{a} and {b} are of different shapes, so there is no product of them. Give them the same.");

    private static Node Replace(Node root, Node leaf, Node by)
    {
        var topology = new Topology([root]);
        if (!topology.Contains(leaf))
        {
            return root;
        }

        var replaced = new Dictionary<Node, Node> { [leaf] = by };
        foreach (var node in topology.Order)
        {
            replaced.TryAdd(node, node.Inputs.Any(input => replaced[input] != input) ? node.WithInputs([.. node.Inputs.Select(i => replaced[i])]) : node);
        }

        return replaced[root];
    }
}
