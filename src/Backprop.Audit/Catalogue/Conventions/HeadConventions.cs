using Backprop.Audit.Bounds;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>The cross-entropy at infinite logits, on rows that do not count, and what its means divide by.</summary>
internal static class HeadConventions
{
    // Both round, in sums of other orders.
    private const double Sides = 4;
    private const double Inf = double.PositiveInfinity, NaN = double.NaN;

    private static readonly (string Head, string At, double[,] Logits, double[] Targets)[] Cases =
    [
        ("multiclass", "logits of 10⁴, the class certain", new double[,] { { 1e4, -1e4, 0 } }, [0]),
        ("multiclass", "logits of 10⁴, the class impossible", new double[,] { { 1e4, -1e4, 0 } }, [1]),
        ("multiclass", "-∞ on another class", new double[,] { { 1, -Inf, 0 } }, [0]),
        ("multiclass", "-∞ on the class", new double[,] { { 1, -Inf, 0 } }, [1]),
        ("multiclass", "∞ on a class", new double[,] { { 1, Inf, 0 } }, [0]),
        ("multiclass", "a row of NaN", new double[,] { { NaN, 1, 0 }, { 1, 2, 3 } }, [0, 1]),
        ("multiclass(sum)", "two rows", new double[,] { { 1, 2, 3 }, { 3, 2, 0 } }, [0, 1]),
        ("multiclass(ignore=-100)", "an ignored row", new double[,] { { 1, 2, 3 }, { 3, 2, 0 } }, [-100, 1]),
        ("multiclass(ignore=-100)", "an ignored row of NaN", new double[,] { { NaN, 2, 3 }, { 3, 2, 0 } }, [-100, 1]),
        ("multiclass(ignore=-100)", "an ignored row with ∞", new double[,] { { Inf, 2, 3 }, { 3, 2, 0 } }, [-100, 1]),
        ("multiclass(ignore=-100)", "every row ignored", new double[,] { { 1, 2, 3 }, { 3, 2, 0 } }, [-100, -100]),
        ("multiclass(ignore=-100,sum)", "every row ignored", new double[,] { { 1, 2, 3 }, { 3, 2, 0 } }, [-100, -100]),
        ("multiclass(weights=0 1 3)", "the mean divides by the classes' weights", new double[,] { { 1, 2, 3 }, { 3, 2, 0 } }, [1, 2]),
        ("multiclass(weights=0 1 3)", "only a class of weight 0", new double[,] { { 1, 2, 3 } }, [0]),
        ("multiclass(smoothing=0.2)", "-∞ on another class", new double[,] { { 1, -Inf, 0 } }, [0]),
        (
            "multiclass(smoothing=0.2,weights=1 2 3)", "smoothing is weighted by each class, the mean by the targets'",
            new double[,] { { 1, 2, 3 }, { 3, 2, 0 } }, [1, 2]),
        ("multiclass(probabilities)", "a probability of 0 on -∞", new double[,] { { 1, -Inf, 0 } }, [0.5, 0, 0.5]),
        ("multiclass(probabilities)", "probabilities that add up to 2", new double[,] { { 1, 2, 0 } }, [1, 0.5, 0.5]),
        ("multiclass(weights=1 2 3,probabilities)", "the mean divides by rows", new double[,] { { 1, 2, 3 }, { 3, 2, 0 } }, [0.5, 0.5, 0, 0, 0, 1]),
    ];

    /// <summary>Every case, in double.</summary>
    public static IEnumerable<Convention> All => Cases.Select(c => Of(Head.Parse(c.Head), c.At, c.Logits, c.Targets));

    private static Convention Of(Head head, string at, double[,] logits, double[] targets)
    {
        var (rows, columns) = (logits.GetLength(0), logits.GetLength(1));
        var (z, t, w) = (Node.Input("z", columns), Node.Input("t", targets.Length / rows), Node.Input("w", 1));
        var (target, weight) = (Doubles.Matrix<double>(targets, targets.Length / rows), Doubles.Matrix<double>([.. Enumerable.Repeat(1.0, rows)], 1));
        using var numbers = new Numbers<double>(new() { Threads = 1 }) { [z] = logits, [t] = target, [w] = weight };
        var loss = head.Loss(z, t, w);
        double[] ours = [numbers.Scalar(loss), .. Doubles.Of(numbers.Gradients(loss, [z])[0])];

        using var scope = NewDisposeScope();
        var tz = tensor(logits).requires_grad_();
        var tt = head.ClassLabels ? tensor(targets).to(ScalarType.Int64) : tensor(target);
        var theirLoss = Twins.Of(head, tz, tt);
        theirLoss.backward();
        double[] theirs = [theirLoss.item<double>(), .. Doubles.Of(tz.grad!)];
        Node[] nodes = [loss, Gradient.Build(loss, [z])[0]];
        var run = new BoundedGraph(nodes, leaf => Doubles.Of(numbers[leaf]), rows, formulas: Party.Theirs);
        double[] bounds = [.. nodes.SelectMany(node => run[node].Errors!).Select(error => Sides * Bounded.Double * error)];
        string[] names = ["loss", .. Enumerable.Range(0, rows * columns).Select(i => $"slope {i / columns},{i % columns}")];
        return Convention.Of($"{head}", at, names, theirs, ours, bounds);
    }
}
