using Backprop.Audit.Bounds;
using Backprop.Graph;
using Backprop.Planning;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>Operations of graphs at ties, zeros, infinities and outside their domain.</summary>
internal static class OperationConventions
{
    // Both round, in functions of other libraries.
    private const double Sides = 4;
    private const double Inf = double.PositiveInfinity, NaN = double.NaN;

    private static readonly (string Name, Func<Node, Node> Ours, Func<Tensor, Tensor> Torch, double[] Points)[] Functions =
    [
        ("abs", x => x.Abs(), x => x.abs(), [-0.0, 0, NaN, -Inf]),
        ("sqrt", x => x.Sqrt(), x => x.sqrt(), [-0.0, 0, -1, Inf]),
        ("exp", x => x.Exp(), x => x.exp(), [-Inf, Inf, 1000, NaN]),
        ("log", x => x.Log(), x => x.log(), [-0.0, 0, -1, Inf]),
        ("log1p", x => x.Log1p(), x => x.log1p(), [-1, -2, -0.0, Inf]),
        ("expm1", x => x.Expm1(), x => x.expm1(), [-Inf, -0.0, Inf]),
        ("sigmoid", x => x.Sigmoid(), x => x.sigmoid(), [-Inf, -720, 40, Inf, NaN]),
        ("tanh", x => x.Tanh(), x => x.tanh(), [-Inf, -0.0, 20, Inf, NaN]),
        ("erf", x => x.Erf(), x => x.erf(), [-Inf, -0.0, 6, Inf]),
        ("sin", x => x.Sin(), x => x.sin(), [-0.0, Inf, NaN]),
        ("cos", x => x.Cos(), x => x.cos(), [-0.0, Inf, NaN]),
    ];

    private static readonly (string Name, Func<Node, Node, Node> Ours, Func<Tensor, Tensor, Tensor> Torch, (double A, double B)[] Points)[] OfTwo =
    [
        ("maximum", Node.Max, maximum, [(2, 2), (-0.0, 0), (NaN, 1), (1, NaN), (1, 2)]),
        ("minimum", Node.Min, minimum, [(2, 2), (-0.0, 0), (NaN, 1), (1, NaN), (1, 2)]),
        ("division", (a, b) => a / b, (a, b) => a / b, [(0, 0), (1, 0), (-1, -0.0), (Inf, Inf)]),
        ("product", (a, b) => a * b, (a, b) => a * b, [(0, Inf), (-0.0, 1)]),
    ];

    private static readonly (string Name, Func<Node, Node> Ours, Func<Tensor, Tensor> Torch, (string At, double[] Row)[] Rows)[] OfRows =
    [
        ("softmax", x => x.Softmax(), x => nn.functional.softmax(x, 1), SoftmaxRows),
        ("log-softmax", x => x.LogSoftmax(), x => nn.functional.log_softmax(x, 1), SoftmaxRows),
    ];

    private static (string, double[])[] SoftmaxRows =>
        [("all -∞", [-Inf, -Inf, -Inf]), ("one -∞", [0, -Inf, 1]), ("one ∞", [0, Inf, 1]), ("a NaN", [0, NaN, 1]), ("10⁴ apart", [1e4, -1e4, 0])];

    /// <summary>Every case, in double.</summary>
    public static IEnumerable<Convention> All =>
    [
        .. Functions.SelectMany(f => f.Points.Select(x => Of(f.Name, $"x = {Element.Short(x)}", n => f.Ours(n[0]), t => f.Torch(t[0]), [[x]]))),
        .. OfTwo.SelectMany(f => f.Points.Select(p => Of(
            f.Name, $"{Element.Short(p.A)} and {Element.Short(p.B)}", n => f.Ours(n[0], n[1]), t => f.Torch(t[0], t[1]), [[p.A], [p.B]]))),
        .. OfRows.SelectMany(f => f.Rows.Select(r => Of(f.Name, r.At, n => f.Ours(n[0]), t => f.Torch(t[0]), [r.Row]))),
    ];

    /// <summary>Values, and the gradients of their sum with respect to every input, each of which is one row.</summary>
    private static Convention Of(string name, string at, Func<Node[], Node> ours, Func<Tensor[], Tensor> torch, double[][] inputs)
    {
        using var scope = NewDisposeScope();
        Node[] leaves = [.. inputs.Select((row, i) => Node.Parameter($"x{i}", 1, row.Length))];
        using var numbers = new Numbers<double>(new() { Threads = 1 });
        foreach (var (leaf, row) in leaves.Zip(inputs))
        {
            numbers[leaf] = Doubles.Matrix<double>(row, row.Length);
        }

        var y = ours(leaves);
        double[] mine = [.. Doubles.Of(numbers.Value(y)), .. numbers.Gradients(y.Sum(), leaves, zeros: true).SelectMany(Doubles.Of)];
        Tensor[] tensors = [.. inputs.Select(row => tensor(row).reshape(1, -1).requires_grad_())];
        var ty = torch(tensors);
        ty.sum().backward();
        double[] theirs = [.. Doubles.Of(ty), .. tensors.SelectMany(t => Doubles.Of(t.grad!))];
        var values = theirs.Length - inputs.Sum(row => row.Length);
        Node[] nodes = [y, .. Gradient.Build(y.Sum(), leaves, zeros: true)];
        var run = new BoundedGraph(nodes, leaf => inputs[Array.IndexOf(leaves, leaf)], 1, formulas: Party.Theirs);
        // libtorch differentiates by the result y, as by 1 − y, which is as exact as 1 is.
        double[] bounds = [.. nodes.SelectMany(node => run[node].Errors!).Select((error, i) => Sides * Bounded.Double * (i < values ? error : 1 + error))];
        return Convention.Of($"{name} (operation)", at, [.. theirs.Select((_, i) => i < values ? "y" : "slope")], theirs, mine, bounds);
    }
}
