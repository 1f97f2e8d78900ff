using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Reduction = TorchSharp.torch.nn.Reduction;

namespace Backprop.Interop.Tests.Properties;

/// <summary>A row of the table of operations: how the engine is asked for it, beside PyTorch's own function.</summary>
/// <param name="Name">Its name in descriptions.</param>
/// <param name="Operands">What it is applied to beside a value of the graph, found or made.</param>
/// <param name="Ours">The engine's.</param>
/// <param name="Theirs">PyTorch's.</param>
/// <param name="Size">About how large the result's numbers are, of those of the operands.</param>
internal sealed record GraphOperation(
    string Name,
    Func<GraphBuilder, GraphValue, GraphValue[]> Operands,
    Func<Node[], Node> Ours,
    Func<Torched[], Torched> Theirs,
    Func<GraphValue[], double> Size)
{
    // e³ is 20, and its derivatives too.
    private const double Tame = 3;

    // Kept for ever: the garbage collector may free a temporary scalar while the native call still reads it.
    private static readonly Scalar Zero = 0, One = 1;

    private const int SummedRows = 5;

    private const int Wide = 40;

    private const double Epsilon = 1e-3;

    /// <summary>Every operation of the graph, with every activation and loss of the catalogues.</summary>
    public static IReadOnlyList<GraphOperation> All { get; } =
    [
        Binary("add", (a, b) => a + b, (a, b) => a + b, (a, b) => a + b),
        Binary("subtract", (a, b) => a - b, (a, b) => a - b, (a, b) => a + b),
        Binary("multiply", (a, b) => a * b, (a, b) => a * b, (a, b) => a * b),
        Choice("maximum", Node.Max, (a, b) => new(maximum(a.Tensor, b.Tensor)), Math.Max),
        Choice("minimum", Node.Min, (a, b) => new(minimum(a.Tensor, b.Tensor)), Math.Max),
        Choice("larger", (a, b) => Node.Map(new Primitives.Larger(), a, b), (a, b) => new(where(b.Tensor.gt(a.Tensor), b.Tensor, a.Tensor)), Math.Max),
        new("divide", (graph, a) => [a, graph.Positive(graph.Partner(a))], n => n[0] / n[1], t => t[0] / t[1], v => 2 * v[0].Size),
        new("multiply and add", (graph, a) => [a, graph.Partner(a), graph.Partner(a, false)], n => Node.Map(new Primitives.MultiplyAdd(), n[0], n[1], n[2]),
            t => t[0] * t[1] + t[2], v => v[0].Size * v[1].Size + v[2].Size),
        new("if positive", (graph, a) => [a, graph.Partner(a), graph.Partner(a, false)], n => Node.IfPositive(n[0], n[1], n[2]),
            t => new(where(t[0].Tensor.gt(Zero), t[1].Tensor, t[2].Tensor)), v => Math.Max(v[1].Size, v[2].Size)),
        Unary("negate", x => -x, x => -x, x => x),
        Unary("copy", x => Node.Map(new Primitives.Copy(), x), x => new(x.Tensor.clone()), x => x),
        Unary("square", x => x.Square(), x => x * x, x => x * x),
        Unary("abs", x => x.Abs(), x => new(abs(x.Tensor)), x => x),
        Unary("sigmoid", x => x.Sigmoid(), x => new(sigmoid(x.Tensor)), _ => 1),
        Unary("tanh", x => x.Tanh(), x => new(tanh(x.Tensor)), _ => 1),
        Unary("erf", x => x.Erf(), x => new(erf(x.Tensor)), _ => 1),
        Unary("erfc", x => x.Erfc(), x => new(erfc(x.Tensor)), _ => 2),
        Unary("sin", x => x.Sin(), x => new(sin(x.Tensor)), _ => 1),
        Unary("cos", x => x.Cos(), x => new(cos(x.Tensor)), _ => 1),
        Unary("exp", x => x.Exp(), x => new(exp(x.Tensor)), Math.Exp, (graph, x) => graph.Tamed(x, Tame)),
        // PyTorch's derivative is y + 1, of which little is left where x is far below 0.
        Unary("expm1", x => x.Tanh().Expm1(), x => new(expm1(tanh(x.Tensor))), _ => 2),
        Unary("log", x => x.Log(), x => new(log(x.Tensor)), x => Math.Log(x + 2), (graph, x) => graph.Positive(x)),
        Unary("log1p", x => x.Log1p(), x => new(log1p(x.Tensor)), x => Math.Log(x + 2), (graph, x) => graph.Positive(x)),
        Unary("sqrt", x => x.Sqrt(), x => new(sqrt(x.Tensor)), x => x, (graph, x) => graph.Positive(x)),
        Unary("softmax", x => x.Softmax(), x => new(functional.softmax(x.Tensor, 1)), _ => 1),
        Unary("log-softmax", x => x.LogSoftmax(), x => new(functional.log_softmax(x.Tensor, 1)), x => 4 + 2 * x),
        Unary("normalise rows", x => x.NormaliseRows(Epsilon), x => new(Normalised(x.Tensor)), _ => 1),
        Unary("normalise columns", x => x.NormaliseColumns(Epsilon), x => new(Normalised(x.Tensor.t()).t()), _ => 1),
        Unary("columns", x => x.Columns(x.Shape.Columns / 3, (x.Shape.Columns + 1) / 2), x => new(x.Tensor.narrow(1, x.Tensor.shape[1] / 3, (x.Tensor.shape[1] + 1) / 2)), x => x),
        Unary("sum of rows", x => x.SumRows(), x => new(x.Tensor.sum([0L], keepdim: true)), x => 4 * x),
        Unary("sum of columns", x => x.SumColumns(), x => new(x.Tensor.sum([1L], keepdim: true)), x => 4 * x),
        Unary("mean of rows", x => x.MeanRows(), x => new(x.Tensor.mean([0L], keepdim: true)), x => x),
        Unary("mean of columns", x => x.MeanColumns(), x => new(x.Tensor.mean([1L], keepdim: true)), x => x),
        Unary("mean", x => x.Mean(), x => new(x.Tensor.mean().reshape(1, 1)), x => x),
        new("repeat and product", (graph, a) => [a, graph.Of(a.Shape.Columns, graph.Columns())], n => n[0].SumRows().RepeatTo(n[0].Shape).Times(n[1]),
            t => new(t[0].Tensor.sum([0L], keepdim: true).expand_as(t[0].Tensor).matmul(t[1].Tensor)), v => 4 * Products(v)),
        Unary("transpose", x => x.Transpose(), x => new(x.Tensor.t()), x => x, (graph, x) => graph.Fixed(x)),
        new("product", (graph, a) => [a, graph.Of(a.Shape.Columns, graph.Columns())], n => n[0].Times(n[1]), t => new(t[0].Tensor.matmul(t[1].Tensor)), Products),
        new("transposed product", (graph, a) => [a, graph.Of(a.Shape.Rows, graph.Columns())], n => n[0].TransposeTimes(n[1]), t => new(t[0].Tensor.t().matmul(t[1].Tensor)), Products),
        new("squared distance", (graph, a) => [a, graph.Of(a.Shape.Columns, graph.Columns())], n => n[0].SquaredDistanceTo(n[1]),
            t => new Torched(t[0].Tensor.unsqueeze(1) - t[1].Tensor.t().unsqueeze(0)) is var d ? new((d * d).Tensor.sum([2L])) : d, v => v[0].Shape.Columns * Math.Pow(v[0].Size + v[1].Size, 2)),
        new("concatenation", (graph, a) => a.Shape.Columns > Wide ? [a, graph.Of(a.Shape.Rows, graph.Columns())] : [a, graph.Of(a.Shape.Rows, graph.Columns()), a], n => Node.Concatenate(n), t => new(cat([.. t.Select(x => x.Tensor)], 1)), v => v.Max(x => x.Size)),
        new("lookup", (graph, a) => graph.Fixed(a) is var table ? [graph.Categories(graph.Rows(), table.Shape.Rows), table] : [],
            n => n[0].Lookup(n[1]), t => new(t[1].Tensor.index_select(0, Indices(t[0]))), v => v[1].Size),
        new("lookup sums", (graph, a) => [graph.Categories(a.Shape.Rows, SummedRows), a], n => Node.Of(new LookupSums(SummedRows), n),
            t => new(zeros(SummedRows, t[1].Tensor.shape[1], ScalarType.Float64).index_add(0, Indices(t[0]), t[1].Tensor, One)), v => 3 * v[1].Size),
        new("cross-entropy", (graph, a) => [a, graph.Categories(a.Shape.Rows, a.Shape.Columns), graph.Aside(a.Shape.Rows, 1)], n => Node.CrossEntropy(n[0], n[1], n[2]),
            t => new((functional.cross_entropy(t[0].Tensor, Indices(t[1]), reduction: Reduction.None) * t[2].Tensor.squeeze(1)).mean().reshape(1, 1)), v => 4 + 2 * v[0].Size),
        .. Activation.All.Select(f => Unary(f.Name, x => x.Apply(f), x => new(Twins.Of(f).call(x.Tensor)), x => 1 + x)),
        .. Loss.All.Select(loss => new GraphOperation(
            loss.Name, (graph, a) => [graph.Tamed(a, Tame), graph.Aside(a.Shape.Rows, a.Shape.Columns), graph.Aside(a.Shape.Rows, 1)],
            n => Node.MeanLoss(loss, n[0], n[1], n[2]), t => new((Twins.Of(loss, t[0].Tensor, t[1].Tensor) * t[2].Tensor).mean().reshape(1, 1)), v => 20)),
    ];

    private static GraphOperation Unary(
        string name, Func<Node, Node> ours, Func<Torched, Torched> theirs, Func<double, double> size, Func<GraphBuilder, GraphValue, GraphValue>? operand = null)
        => new(name, (graph, x) => [operand is null ? x : operand(graph, x)], n => ours(n[0]), t => theirs(t[0]), v => size(v[0].Size));

    private static GraphOperation Binary(string name, Func<Node, Node, Node> ours, Func<Torched, Torched, Torched> theirs, Func<double, double, double> size)
        => new(name, (graph, a) => [a, graph.Partner(a)], n => ours(n[0], n[1]), t => theirs(t[0], t[1]), v => size(v[0].Size, v[1].Size));

    /// <summary>With a leaf of its own: of values that are made of each other, |x| and x for example, too many are equal.</summary>
    private static GraphOperation Choice(string name, Func<Node, Node, Node> ours, Func<Torched, Torched, Torched> theirs, Func<double, double, double> size)
        => Binary(name, ours, theirs, size) with { Operands = (graph, a) => [a, graph.Leaf(a.Shape.Rows, a.Shape.Columns)] };

    /// <summary>Of products added up whose signs are any.</summary>
    private static double Products(GraphValue[] v) => 5 * v[0].Size * v[1].Size;

    private static Tensor Normalised(Tensor rows) => functional.layer_norm(rows, [rows.shape[1]], eps: Epsilon);

    private static Tensor Indices(Torched column) => column.Tensor.squeeze(1).to(ScalarType.Int64);
}
