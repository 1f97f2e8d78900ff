using Backprop.Graph;
using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Audit.Bounds;

/// <summary>A tensor's numbers and their errors, in PyTorch's layout.</summary>
/// <param name="Name"><c>loss</c>, <c>logits</c>, or the parameter whose gradient it is.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Columns.</param>
/// <param name="Values">The values, row-major.</param>
/// <param name="Errors">How far each may be off, in units of roundoff.</param>
/// <param name="Variances">The variances of the errors, of independent roundings.</param>
internal sealed record BoundedTensor(string Name, int Rows, int Columns, double[] Values, double[] Errors, double[] Variances)
{
    /// <inheritdoc cref="BoundedMatrix.By"/>
    public SampledArithmetic? By { get; init; }

    /// <inheritdoc cref="BoundedMatrix.IsBent"/>
    public bool IsBent { get; init; }
}

/// <summary>
/// A network's pass by plain loops, with the rounding error of every number: loss, logits, gradients, and what a step makes of its statistics.
/// </summary>
/// <remarks>
/// No kernel is the engine's, but formulas and rules of differentiation are:
/// <see cref="Gradient.Build"/> writes both. Those are checked by libtorch and by central differences.
/// </remarks>
internal sealed class NetworkBounds : IBoundedRun
{
    private readonly Weights<double> weights;
    private readonly Examples<double> table;
    private readonly ModelGraph graph;
    private readonly IReadOnlyList<Node> gradients;
    private readonly IReadOnlyDictionary<Node, double[]> masks;
    private readonly Dictionary<Node, double[]> batch;
    private readonly Lazy<BoundedGraph> forward;

    /// <summary>Runs the network's graph.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="table">The batch: every row of it.</param>
    /// <param name="random">The stream of dropout's masks, at its beginning; null for a network without.</param>
    public NetworkBounds(Weights<double> weights, Examples<double> table, TorchRandom? random = null)
    {
        (this.weights, this.table, graph) = (weights, table, weights.Model.ToGraph(training: true));
        gradients = Gradient.Build(graph.Loss, graph.Parameters, zeros: true);
        masks = graph.Mode.Masks.ToDictionary(pair => pair.Mask, pair => Drawn(pair.Mask.Shape.Columns, pair.Probability, random));
        batch = LeavesOf(table);
        Run = new(
            [graph.Loss, .. graph.Heads.Select(head => head.Logits), .. gradients, .. graph.Mode.Assignments.Values],
            Leaves(weights), table.Rows, RowCopies.Of(batch[graph.Input], table.FeatureColumns));
        Tensors = TensorsOf(Run);
        forward = new(() => Run.WithLeaves([graph.Loss], Leaves(weights)));
    }

    /// <summary>The network's graph in training.</summary>
    public ModelGraph Graph => graph;

    /// <summary>The network.</summary>
    public Model Model => weights.Model;

    /// <summary>Every node's numbers.</summary>
    public BoundedGraph Run { get; }

    /// <inheritdoc cref="BoundedGraph.IsFinite"/>
    public bool IsFinite => Run.IsFinite;

    /// <inheritdoc cref="BoundedGraph.IsOpen"/>
    public bool IsOpen(double unit) => Run.IsOpen(unit);

    /// <summary>The logits' matrices, head by head.</summary>
    public IEnumerable<BoundedMatrix> Logits => graph.Heads.Select(head => Run[head.Logits]);

    /// <summary>Loss, logits of all heads side by side, and the gradients of what is learned.</summary>
    public IReadOnlyList<BoundedTensor> Tensors { get; }

    /// <summary>The same of another run of the network's nodes.</summary>
    public IReadOnlyList<BoundedTensor> TensorsOf(BoundedGraph run)
    {
        var logits = new BoundedMatrix(table.Rows, weights.Model.Outputs, run[graph.Loss].Carried);
        var first = 0;
        foreach (var head in graph.Heads.Select(head => run[head.Logits]))
        {
            head.CopyColumnsTo(logits, 0, first, head.Columns);
            first += head.Columns;
            logits.IsBent |= head.IsBent;
        }

        return
        [
            Tensor("loss", run[graph.Loss]),
            Tensor("logits", logits),
            .. weights.Tensors.Where(tensor => tensor.Learned).Select(tensor => After(tensor, run)),
        ];
    }

    /// <summary>A learned tensor's gradient, or a gathered statistic's next value.</summary>
    public BoundedTensor After(WeightTensor tensor) => After(tensor, Run);

    /// <summary>The node of the loss.</summary>
    public Node Loss => graph.Loss;

    /// <summary>The pass forward, without errors.</summary>
    public BoundedGraph Forward => forward.Value;

    /// <summary>The pass forward where a tensor has other numbers.</summary>
    public BoundedGraph ForwardWith(WeightTensor tensor, ReadOnlySpan<double> numbers)
        => Forward.WithLeaf(graph.Tensors[weights.Tensors.Index().Single(pair => pair.Item == tensor).Index], InGraph(tensor, numbers));

    /// <summary>What a user calls a node: a layer's result, or an output.</summary>
    public string NameOf(Node node)
    {
        if (graph.Heads.Any(head => head.Logits == node))
        {
            return weights.Model.HeadOutputs.Count == 1 ? "output" : $"output of head {graph.Heads.Index().First(pair => pair.Item.Logits == node).Index}";
        }

        var signal = graph.Values.FirstOrDefault(pair => pair.Value == node).Key;
        var layer = weights.Model.NamedLayers.FirstOrDefault(named => named.First.Layer == signal?.Layer).Name;
        return signal?.Layer is null ? node.Name : $"layer {layer} ({signal.Layer})";
    }

    /// <summary>The same of another run of the network's nodes.</summary>
    public BoundedTensor After(WeightTensor tensor, BoundedGraph run)
    {
        var node = graph.Tensors[weights.Tensors.Index().Single(pair => pair.Item == tensor).Index];
        var matrix = run[tensor.Learned ? gradients[graph.Parameters.Index().Single(pair => pair.Item == node).Index]
            : graph.Mode.Assignments.GetValueOrDefault(node, node)];
        var result = Tensor(tensor.Name, tensor.Layout == TensorLayout.Transposed ? matrix.Transposed() : matrix);
        return result with { Rows = tensor.Rows, Columns = tensor.Columns };
    }

    private static BoundedTensor Tensor(string name, BoundedMatrix matrix)
        => new(name, matrix.Rows, matrix.Columns, matrix.Values, matrix.Errors ?? [], matrix.Variances ?? []) { By = matrix.By, IsBent = matrix.IsBent };

    /// <summary>The numbers of the graph's leaves: the batch, the masks and those weights, row-major as the graph has them.</summary>
    public Func<Node, double[]> Leaves(Weights<double> of)
    {
        var numbers = new Dictionary<Node, double[]>(batch);
        foreach (var (node, tensor) in graph.Tensors.Zip(of.Tensors))
        {
            numbers[node] = InGraph(tensor, of[tensor]);
        }

        return leaf => numbers[leaf];
    }

    /// <summary>A tensor's numbers as its node has them.</summary>
    public static double[] InGraph(WeightTensor tensor, ReadOnlySpan<double> numbers)
    {
        var matrix = new BoundedMatrix(tensor.Rows, tensor.Columns, Carried.Nothing);
        numbers.CopyTo(matrix.Values);
        return tensor.Layout == TensorLayout.Transposed ? matrix.Transposed().Values : matrix.Values;
    }

    private Dictionary<Node, double[]> LeavesOf(Examples<double> examples)
    {
        var features = new double[examples.Rows * examples.FeatureColumns];
        for (var row = 0; row < examples.Rows; row++)
        {
            examples.CopyFeaturesTo(row, features.AsSpan(row * examples.FeatureColumns, examples.FeatureColumns));
        }

        var leaves = new Dictionary<Node, double[]>(masks)
        {
            [graph.Input] = features,
            [graph.ExampleWeight] = examples.Weights ?? [.. Enumerable.Repeat(1.0, examples.Rows)],
        };
        var first = 0;
        foreach (var target in graph.Heads.Select(head => head.Target))
        {
            var (columns, from) = (target.Shape.Columns, first);
            leaves[target] = [.. Enumerable.Range(0, examples.Rows * columns)
                .Select(i => examples.Targets[i / columns * examples.TargetColumns + from + i % columns])];
            first += columns;
        }

        return leaves;
    }

    private double[] Drawn(int columns, double probability, TorchRandom? random)
    {
        var mask = new double[table.Rows * columns];
        (random ?? throw new ArgumentException("The network has a dropout layer, whose masks are random. Give the stream to draw them from."))
            .FillDropoutMask<double>(mask, probability);
        return mask;
    }
}
