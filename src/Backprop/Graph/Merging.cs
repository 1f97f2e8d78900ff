namespace Backprop.Graph;

/// <summary>Leaves one of several nodes that apply the same operation to the same inputs.</summary>
/// <remarks>Rules of differentiation name again what the graph already computes, a sigmoid for example; so it runs once.</remarks>
internal static class Merging
{
    /// <summary>The same values from fewer nodes; a graph that is already there stays as it is, and serves what is new.</summary>
    /// <param name="graph">What is already there.</param>
    /// <param name="results">Nodes built upon it.</param>
    public static IReadOnlyList<Node> Of(Topology graph, IReadOnlyList<Node> results)
    {
        var known = new Dictionary<Application, Node>();
        foreach (var node in graph.Order)
        {
            known.TryAdd(new(node.Op.Identity, node.Shape, node.Inputs), node);
        }

        var merged = new Dictionary<Node, Node>();
        foreach (var node in new Topology(results).Order)
        {
            if (graph.Contains(node))
            {
                merged[node] = node;
                continue;
            }

            Node[] inputs = [.. node.Inputs.Select(input => merged[input])];
            var application = new Application(node.Op.Identity, node.Shape, inputs);
            if (!known.TryGetValue(application, out var first))
            {
                first = inputs.SequenceEqual(node.Inputs) ? node : node.WithInputs(inputs);
                known.Add(application, first);
            }

            merged[node] = first;
        }

        return [.. results.Select(result => merged[result])];
    }

    private readonly struct Application(object identity, Shape shape, IReadOnlyList<Node> inputs) : IEquatable<Application>
    {
        private readonly object identity = identity;
        private readonly Shape shape = shape;
        private readonly IReadOnlyList<Node> inputs = inputs;

        public bool Equals(Application other)
            => identity.Equals(other.identity) && shape == other.shape && inputs.SequenceEqual(other.inputs);

        public override bool Equals(object? other) => other is Application application && Equals(application);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            hash.Add(identity);
            hash.Add(shape);
            foreach (var input in inputs)
            {
                hash.Add(input);
            }

            return hash.ToHashCode();
        }
    }
}
