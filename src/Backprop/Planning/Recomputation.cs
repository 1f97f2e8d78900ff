using Backprop.Graph;
using Backprop.Graph.Ops;

namespace Backprop.Planning;

/// <summary>
/// A graph in which the backward pass computes again, segment by segment, what it reads of the forward pass; only values that pass from
/// segment to segment are kept. Chen et al. (2016), <i>Training deep nets with sublinear memory cost</i>.
/// </summary>
/// <remarks>
/// The same operations of the same numbers, so not a bit changes. Never computed again: leaves, hence masks and states; what a loss
/// or the caller reads; values without a row for each example, which are small, statistics of a batch among them; the last segment,
/// whose gradients come first.
/// </remarks>
internal sealed class Recomputation
{
    private readonly Topology topology;
    private readonly HashSet<Node> kept;
    private readonly HashSet<Node> forward = [];

    // What depends on a loss's gradient, and the longest way from one to it.
    private readonly Dictionary<Node, int> depth = [];
    private readonly Dictionary<Node, int> segments;

    // What is computed again, with its consumers before it.
    private readonly List<Node> repeated = [];
    private readonly Dictionary<Node, Node> replaced = [];
    private readonly Dictionary<Node, IReadOnlyList<Node>> after = [];

    /// <summary>Finds what to compute again.</summary>
    /// <param name="topology">The graph.</param>
    /// <param name="kept">Nodes whose values are read after a run.</param>
    public Recomputation(Topology topology, IEnumerable<Node> kept)
    {
        (this.topology, this.kept) = (topology, [.. kept]);
        foreach (var node in topology.Order.Reverse())
        {
            if (node.Op is MeanLoss || topology.Consumers(node).Any(use => forward.Contains(use.Consumer)))
            {
                forward.Add(node);
            }
        }

        foreach (var node in topology.Order)
        {
            if (node.Op is MeanLossGradient || node.Inputs.Any(depth.ContainsKey))
            {
                depth[node] = 1 + node.Inputs.Select(input => depth.GetValueOrDefault(input)).DefaultIfEmpty(0).Max();
            }
        }

        segments = Segments.Of(topology, [.. topology.Order.Where(node => forward.Contains(node) && IsRepeatable(node))], IsReadBackward);
        Choose();
        Rebuild();
    }

    /// <summary>What must be computed before a node although it does not read it: so that it is computed late.</summary>
    public IReadOnlyDictionary<Node, IReadOnlyList<Node>> After => after;

    /// <summary>The node that has this one's value in the new graph.</summary>
    public Node Of(Node node) => depth.ContainsKey(node) ? replaced[node] : node;

    private bool IsRepeatable(Node node)
        => node.Shape.IsBatch && node.Op is not Leaf && !depth.ContainsKey(node) && !kept.Contains(node)
            && topology.Consumers(node).All(use => use.Consumer.Op is not (MeanLoss or MeanLossGradient));

    /// <summary>Whether anything outside the forward pass uses the numbers.</summary>
    private bool IsReadBackward(Node node) => topology.Consumers(node).Any(use => !forward.Contains(use.Consumer) && use.Consumer.Op.Reads(use.Input));

    private static IEnumerable<Node> Read(Node node) => node.Inputs.Where((_, i) => node.Op.Reads(i));

    /// <summary>What gradients read, and what that is computed from, as far as it is not kept.</summary>
    private void Choose()
    {
        var chosen = new HashSet<Node>();
        foreach (var node in topology.Order.Reverse())
        {
            if (chosen.Contains(node))
            {
                repeated.Add(node);
            }
            else if (!depth.ContainsKey(node))
            {
                continue;
            }

            // What is in a segment is computed again there; so is, for its reader alone, what only gradients are made of.
            chosen.UnionWith(Read(node).Where(read => forward.Contains(read) ? segments.ContainsKey(read) : IsRepeatable(read)));
        }
    }

    /// <summary>Builds the backward pass anew, the values of each segment right before the first gradient that reads one.</summary>
    private void Rebuild()
    {
        var first = new Dictionary<object, Node>();
        object Group(Node node) => segments.TryGetValue(node, out var segment) ? (object)segment : node;
        void Need(Node node, Node reader)
        {
            var known = first.GetValueOrDefault(Group(node), reader);
            first[Group(node)] = depth[reader] < depth[known] ? reader : known;
        }

        var chosen = repeated.ToHashSet();
        foreach (var reader in depth.Keys)
        {
            foreach (var read in Read(reader).Where(chosen.Contains))
            {
                Need(read, reader);
            }
        }

        foreach (var node in repeated)
        {
            foreach (var read in Read(node).Where(chosen.Contains))
            {
                Need(read, first[Group(node)]);
            }
        }

        var due = Enumerable.Reverse(repeated).ToLookup(node => first[Group(node)]);
        foreach (var gradient in depth.OrderBy(pair => pair.Value).Select(pair => pair.Key))
        {
            IReadOnlyList<Node> arriving = [.. gradient.Inputs.Where(depth.ContainsKey).Select(input => replaced[input])];
            foreach (var node in due[gradient])
            {
                var again = Replace(node, always: true);
                if (!Read(node).Any(read => chosen.Contains(read) && Equals(Group(read), Group(node))))
                {
                    after[again] = arriving;
                }
            }

            Replace(gradient, always: false);
        }
    }

    private Node Replace(Node node, bool always)
    {
        Node[] inputs = [.. node.Inputs.Select((input, i) => node.Op.Reads(i) ? replaced.GetValueOrDefault(input, input) : input)];
        return replaced[node] = always || !inputs.SequenceEqual(node.Inputs) ? node.WithInputs(inputs) : node;
    }
}
