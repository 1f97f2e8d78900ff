using System.Numerics;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Interop.Tests.Properties;

/// <summary>How far rounding may carry each number of a network's pass: loss, logits, gradients, and what a step makes of its statistics.</summary>
/// <typeparam name="T">The precision whose dropout masks are drawn.</typeparam>
internal sealed class NetworkRoundings<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private const double MostLogit = 80;

    private readonly Weights<double> weights;
    private readonly ModelGraph graph;
    private readonly IReadOnlyList<Node> gradients;
    private readonly Roundings roundings;
    private readonly int rows;

    public NetworkRoundings(Weights<double> weights, Examples<double> table, int seed) : this(weights, table, new TorchRandom(seed))
    {
    }

    /// <summary>Runs the network's graph.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="table">The batch.</param>
    /// <param name="random">The stream of the masks.</param>
    public NetworkRoundings(Weights<double> weights, Examples<double> table, TorchRandom random)
    {
        (this.weights, rows, graph) = (weights, table.Rows, weights.Model.ToGraph(training: true));
        gradients = Gradient.Build(graph.Loss, graph.Parameters);
        var leaves = new Dictionary<Node, double[,]>
        {
            [graph.Input] = Matrix(table.Features, 0, table.FeatureColumns, table.FeatureColumns),
            [graph.ExampleWeight] = Matrix(table.Weights ?? [.. Enumerable.Repeat(1.0, rows)], 0, 1, 1),
        };
        var first = 0;
        foreach (var target in graph.Heads.Select(head => head.Target))
        {
            leaves[target] = Matrix(table.Targets, first, target.Shape.Columns, table.TargetColumns);
            first += target.Shape.Columns;
        }

        foreach (var (node, tensor) in graph.Tensors.Zip(weights.Tensors))
        {
            var numbers = new double[node.Shape.Rows, node.Shape.Columns];
            for (var i = 0; i < tensor.Length; i++)
            {
                var (row, column) = Place(tensor, i);
                numbers[row, column] = weights[tensor][i];
            }

            leaves[node] = numbers;
        }

        foreach (var (mask, probability) in graph.Mode.Masks)
        {
            var drawn = new T[rows * mask.Shape.Columns];
            random.FillDropoutMask<T>(drawn, probability);
            leaves[mask] = Matrix(Array.ConvertAll(drawn, double.CreateTruncating), 0, mask.Shape.Columns, mask.Shape.Columns);
        }

        roundings = new([graph.Loss, .. graph.Heads.Select(head => head.Logits), .. gradients, .. graph.Mode.Assignments.Values], leaf => leaves[leaf], rows);
    }

    /// <inheritdoc cref="Roundings.IsFinite"/>
    public bool IsFinite => roundings.IsFinite;

    /// <summary>Whether e to the power of a logit is far from overflowing: training on random labels may diverge, and PyTorch then gives NaN where the limit is finite.</summary>
    public bool IsTame => graph.Heads.All(head => !roundings[head.Logits].Numbers.ToArray().Any(logit => Math.Abs(logit.Value) > MostLogit));

    /// <inheritdoc cref="Roundings.IsOpen"/>
    public bool IsOpen(double unit) => roundings.IsOpen(unit);

    /// <summary>Holds two libraries' numbers to what rounding explains.</summary>
    public void Compare(NetworkNumbers ours, NetworkNumbers theirs, double unit, string precision, Tally tally)
    {
        foreach (var ((name, numbers), (_, other), errors) in ours.Values.Zip(theirs.Values, Errors()))
        {
            var kind = name.StartsWith('∂') ? "gradient" : name;
            tally.Note($"{kind} in {precision}", Bound.Compare(numbers, other, errors, unit, () => $"{name} in {precision}"));
        }
    }

    /// <summary>
    /// Of each tensor, our float error in norm: at most four times PyTorch's own and a share of the bound's norm, larger for N few numbers,
    /// whose errors are a matter of luck. The largest part of that.
    /// </summary>
    public double CompareErrors(NetworkNumbers ours, NetworkNumbers theirs, NetworkNumbers reference)
    {
        var worst = 0.0;
        foreach (var (((name, numbers), (_, other)), ((_, exact), errors)) in ours.Values.Zip(theirs.Values).Zip(reference.Values.Zip(Errors())))
        {
            double Norm(Func<int, double> of) => Math.Sqrt(Enumerable.Range(0, exact.Length).Sum(i => of(i) * of(i)));
            var (own, torch) = (Norm(i => numbers[i] - exact[i]), Norm(i => other[i] - exact[i]));
            var most = 4 * torch + (0.25 + 1 / Math.Sqrt(exact.Length)) * Roundings.Float * Norm(i => errors[i].Error);
            Assert.True(own <= most, $"{name} in float is off by {own:G3} in norm, PyTorch's by {torch:G3}, and {most:G3} is allowed");
            worst = own > 0 ? Math.Max(worst, own / most) : worst;
        }

        return worst;
    }

    /// <summary>A learned tensor's gradient, or a statistic's next value: of one that is not gathered, the value it has.</summary>
    public Erring[] After(WeightTensor tensor)
    {
        var node = graph.Tensors[weights.Tensors.Index().Single(pair => pair.Item == tensor).Index];
        return InLayout(tensor, roundings[tensor.Learned ? gradients[graph.Parameters.Index().Single(pair => pair.Item == node).Index] : graph.Mode.Assignments.GetValueOrDefault(node, node)]);
    }

    private IEnumerable<Erring[]> Errors() =>
    [
        roundings[graph.Loss].Numbers.ToArray(),
        [.. Enumerable.Range(0, rows).SelectMany(row => graph.Heads.SelectMany(head => Enumerable.Range(0, head.Logits.Shape.Columns).Select(column => roundings[head.Logits][row, column])))],
        .. weights.Tensors.Where(tensor => tensor.Learned).Select(After),
    ];

    private static Erring[] InLayout(WeightTensor tensor, ErringMatrix matrix) => [.. Enumerable.Range(0, tensor.Length).Select(i =>
    {
        var (row, column) = Place(tensor, i);
        return matrix[row, column];
    })];

    /// <summary>Where the graph's matrix has a tensor's number.</summary>
    private static (int Row, int Column) Place(WeightTensor tensor, int i)
        => tensor.Layout == TensorLayout.Transposed ? (i % tensor.Columns, i / tensor.Columns) : (i / tensor.Columns, i % tensor.Columns);

    private double[,] Matrix(double[] numbers, int first, int columns, int stride)
    {
        var matrix = new double[rows, columns];
        for (var i = 0; i < matrix.Length; i++)
        {
            matrix[i / columns, i % columns] = numbers[i / columns * stride + first + i % columns];
        }

        return matrix;
    }
}
