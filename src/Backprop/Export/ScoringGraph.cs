using System.Numerics;
using Backprop.Graph;
using Backprop.Models;

namespace Backprop.Export;

/// <summary>A trained network as one graph from features to scores: the scaling of features, links and label units are nodes like any other.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal sealed class ScoringGraph<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Weights<T> weights;
    private readonly Dictionary<Node, WeightTensor> tensors = [];
    private readonly Dictionary<Node, T[]> rows = [];

    /// <summary>Writes a network's scoring as a graph.</summary>
    /// <param name="network">The network.</param>
    /// <param name="scaling">What is done to features first; null for nothing.</param>
    /// <exception cref="ArgumentException">The scaling does not fit the network.</exception>
    public ScoringGraph(Network<T> network, FeatureScaling? scaling)
    {
        (Model, weights) = (network.Model, network.CopyWeights());
        scaling?.Require(Model.Inputs);
        var graph = Model.ToGraph(training: false);
        foreach (var (node, tensor) in graph.Tensors.Zip(weights.Tensors))
        {
            tensors[node] = tensor;
        }

        Node[] scores = [.. graph.Heads.Zip(Model.HeadOutputs, (head, output) => output.Head.Scores(head.Logits))];
        Node[] logits = [.. graph.Heads.Zip(Model.HeadOutputs).Where(pair => pair.Second.Head is BinaryHead).Select(pair => pair.First.Logits)];
        var score = Scaled(Joined(scores), "outputScale", network.OutputScale, "outputShift", network.OutputShift);
        Features = graph.Input;
        var features = Subtracted(Features, scaling);
        (Scores, Probabilities) = features == Features
            ? (score, logits.Length > 0 ? Joined(logits).Sigmoid() : null)
            : Substituted(features, score, logits.Length > 0 ? Joined(logits).Sigmoid() : null);
        Topology = new(Probabilities is null ? [Scores] : [Scores, Probabilities]);
    }

    /// <summary>The network's description.</summary>
    public Model Model { get; }

    /// <summary>SHA-256 of its weights.</summary>
    public string WeightHash => weights.Hash();

    /// <summary>batch × features.</summary>
    public Node Features { get; }

    /// <summary>batch × outputs: what <see cref="Network{T}.Score(ReadOnlySpan{T}, Span{T}, int)"/> gives.</summary>
    public Node Scores { get; }

    /// <summary>The logistic function of each binary head's score, side by side; null where there is no such head.</summary>
    public Node? Probabilities { get; }

    /// <summary>Every node after its inputs.</summary>
    public Topology Topology { get; }

    /// <summary>Where a leaf's numbers come from; null for one that is no tensor of the network.</summary>
    public WeightTensor? TensorOf(Node leaf) => tensors.GetValueOrDefault(leaf);

    /// <summary>The numbers of a leaf that has some, row-major in the layout of its <see cref="TensorOf"/>, if it has one.</summary>
    public ReadOnlySpan<T> NumbersOf(Node leaf) => tensors.TryGetValue(leaf, out var tensor) ? weights[tensor] : rows[leaf];

    /// <summary>Says that an operation cannot leave this library.</summary>
    /// <param name="node">A node of it.</param>
    /// <param name="form">What it was to become, as "an ONNX model".</param>
    public NotSupportedException Refusal(Node node, string form) => new(
        $"The operation {node.Op.Name} of the network {Model} has no counterpart in {form}"
        + (node.Op is CustomOp ? ": only its own code knows what it computes. Write it as a Layer whose Build is made of this library's nodes."
        : ". Leave it out of the network."));

    private static Node Joined(IReadOnlyList<Node> nodes) => nodes is [var only] ? only : Node.Concatenate(nodes);

    private Node Scaled(Node node, string scaleName, IReadOnlyList<T> scale, string shiftName, IReadOnlyList<T> shift)
    {
        node = scale.All(factor => factor == T.One) ? node : node * Row(scaleName, scale);
        return shift.All(term => term == T.Zero) ? node : node + Row(shiftName, shift);
    }

    private Node Subtracted(Node node, FeatureScaling? scaling)
    {
        node = scaling?.Offsets is { } offsets && offsets.Any(offset => offset != 0) ? node - Row("featureOffset", offsets) : node;
        return scaling?.Scales is { } scales && scales.Any(scale => scale != 1) ? node * Row("featureScale", scales) : node;
    }

    private Node Row(string name, IReadOnlyList<double> numbers) => Row(name, [.. numbers.Select(T.CreateTruncating)]);

    private Node Row(string name, IReadOnlyList<T> numbers)
    {
        var row = Node.State(name, 1, numbers.Count);
        rows[row] = [.. numbers];
        return row;
    }

    /// <summary>The same graph with other features.</summary>
    private (Node Scores, Node? Probabilities) Substituted(Node features, Node scores, Node? probabilities)
    {
        var others = new Dictionary<Node, Node> { [Features] = features };
        foreach (var node in new Topology(probabilities is null ? [scores] : [scores, probabilities]).Order)
        {
            Node[] inputs = [.. node.Inputs.Select(input => others[input])];
            others.TryAdd(node, inputs.SequenceEqual(node.Inputs) ? node : node.WithInputs(inputs));
        }

        return (others[scores], probabilities is null ? null : others[probabilities]);
    }
}
