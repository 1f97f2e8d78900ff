using System.Numerics;
using Backprop.Audit;
using Backprop.Audit.Bounds;
using Backprop.Export;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Tests.Models;

namespace Backprop.Interop.Tests.Export;

/// <summary>A network to export, with rows to score: every kind of layer, every activation, every head, every operation.</summary>
/// <param name="Model">The network.</param>
/// <param name="Features">Rows, row-major.</param>
internal sealed record ExportCase(Model Model, double[] Features)
{
    private static readonly Lazy<SortedDictionary<string, ExportCase>> Cases = new(() => new(
        Networks.All.Select(pair => ($"layers {pair.Key}", OfLayers(pair.Value)))
            .Concat(Activation.All.Select(f => ($"activation {f}", OfActivation(f))))
            .Concat(Head.All.Append(Head.Regression with { StandardiseLabels = false }).Select(head => ($"head {head}", OfHead(head))))
            .Append(("operations", OfOperations()))
            .ToDictionary(pair => pair.Item1, pair => pair.Item2), StringComparer.Ordinal));

    public static TheoryData<string> Names => [.. Cases.Value.Keys];

    public static IReadOnlyDictionary<string, ExportCase> All => Cases.Value;

    public int Rows => Features.Length / Model.Inputs;

    public static ExportCase Of(string name) => Cases.Value[name];

    public T[] FeaturesAs<T>() where T : unmanaged, IFloatingPointIeee754<T> => Array.ConvertAll(Features, T.CreateTruncating);

    /// <summary>A network with those layers, none of whose numbers is 0 or 1 by default.</summary>
    public Network<T> Network<T>() where T : unmanaged, IFloatingPointIeee754<T>
    {
        var weights = Initializers.Default<T>(Model, 3);
        var random = new TorchRandom(4);
        foreach (var tensor in weights.Tensors.Where(tensor => tensor is { IsVector: true, IsCount: false }))
        {
            random.FillUniform(weights[tensor], 0.5, 1.5);
        }

        T[] Units(double first) => [.. Enumerable.Range(0, Model.Outputs).Select(i => T.CreateTruncating(first + i))];
        var hasUnits = Model.HeadOutputs.All(output => output.Head is RealHead { StandardiseLabels: true });
        return hasUnits ? new(weights, Units(2.5), Units(-1.75)) : new(weights);
    }

    public T[] Scores<T>(Network<T> network) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var scores = new T[Rows * Model.Outputs];
        network.Score(FeaturesAs<T>(), scores);
        return scores;
    }

    /// <summary>What rounding may make of each score, of features as they are in T.</summary>
    public BoundedMatrix Errors<T>(Network<T> network, FeatureScaling? scaling = null) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var graph = new ScoringGraph<T>(network, scaling);
        var features = FeaturesAs<T>();
        double[] Leaf(Node leaf)
        {
            var numbers = leaf == graph.Features ? features : graph.NumbersOf(leaf).ToArray();
            var isTransposed = graph.TensorOf(leaf)?.Layout == TensorLayout.Transposed;
            var (rows, columns) = (leaf.Shape.IsBatch ? Rows : leaf.Shape.Rows, leaf.Shape.Columns);
            return [.. Enumerable.Range(0, rows * columns).Select(i => double.CreateTruncating(numbers[isTransposed ? i % columns * rows + i / columns : i]))];
        }

        // Theirs are libtorch's formulas.
        return new BoundedGraph([graph.Scores], Leaf, Rows, formulas: Party.Theirs)[graph.Scores];
    }

    private static ExportCase OfLayers(Model model) => new(model, Networks.Table(model, 41).Features);

    /// <summary>The activation alone, over its middle and far into its tails.</summary>
    private static ExportCase OfActivation(Activation f)
        => new(Model.Of(Signal.Features(1).Apply(f), Head.Regression), [.. Enumerable.Range(-1300, 2601).Select(i => i * 0.01), .. Enumerable.Range(-100, 201).Select(i => i * 0.9)]);

    private static ExportCase OfHead(Head head)
    {
        var features = new double[5 * 60];
        new TorchRandom(8).FillUniform<double>(features, -3, 3);
        return new(Model.Of(Signal.Features(5).Linear(20).Apply(new Tanh()).Linear(Outputs.Of(head, 4)), head), features);
    }

    private static ExportCase OfOperations()
    {
        var features = new double[3 * 30];
        new TorchRandom(9).FillUniform<double>(features, 0.25, 2);
        return new(Model.Of(Signal.Features(3).Through(new EveryOperation()), Head.Regression), features);
    }

    /// <summary>What no layer of the library builds, but one of a user's may.</summary>
    private sealed class EveryOperation : Layer
    {
        public override int ColumnsOf(IReadOnlyList<int> inputs) => 8 * 3 + 2;

        public override IReadOnlyList<LayerTensor> TensorsOf(IReadOnlyList<int> inputs) =>
        [
            new("square", 3, 3, TensorLayout.Transposed, new Normal()),
            new("table", 3, 3, TensorLayout.AsIs, new Normal()),
        ];

        public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode)
        {
            var (x, square, table) = (inputs[0], tensors[0], tensors[1]);
            return Node.Concatenate(
                x.Times(square.Transpose()) + x.Columns(0, 1),
                x.Times(square.TransposeTimes(table)),
                x * table.SumRows() + square.SumRows(),
                x.SquaredDistanceTo(table),
                x.LogSoftmax() * Node.Map(new Primitives.MultiplyAdd(), x, x, Node.Constant(0.5, x.Shape)),
                x.Abs().Sqrt() + x.Log() - x.Log1p(),
                Node.Max(x.Erf(), x.Expm1()) / Node.Min(x.Exp(), -x),
                Node.IfPositive(x - 1, x.Sin(), x.Cos()) + Node.Constant(0.1, new(1, 3)),
                x.SumColumns(),
                x.Columns(1, 1).RepeatTo(new(Shape.Batch, 3)).Columns(2, 1) + Node.Constant(0.25, new(Shape.Batch, 1)));
        }

        public override string ToString() => "every operation";
    }
}
