using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Planning;
using Backprop.Torch;

namespace Backprop.Audit;

/// <summary>One formula of one number, in the readings by which its rule of differentiation is judged.</summary>
/// <param name="area">What kind of formula it is.</param>
/// <param name="name">Its name.</param>
/// <param name="slope">What its derivative is called.</param>
/// <param name="value">The formula, for its rounding.</param>
/// <param name="rule">The rule, for its rounding.</param>
/// <param name="dual">The formula, differentiated by dual numbers.</param>
/// <param name="branches">The branches that formula and rule take.</param>
/// <param name="torched">The formula as tensors of libtorch's.</param>
/// <param name="node">The formula of a column, and of the column of targets, in the engine: a column, or their mean.</param>
/// <param name="target">The target.</param>
internal sealed class FormulaReadings(
    string area,
    string name,
    string slope,
    Func<Bounded, Bounded> value,
    Func<Bounded, Bounded> rule,
    Func<Dual<Bounded>, Dual<Bounded>> dual,
    Func<Plain, (ulong, ulong)> branches,
    Func<Torched, Torched> torched,
    Func<Node, Node, Node> node,
    double target = 0)
{
    // Both sides err, each by what its own formula may.
    private const double Allowance = 2;

    // Nearer a kink than that, rounding decides the side.
    private const double Closeness = 1.0 / (1L << 40), FloatCloseness = 1.0 / (1 << 16);

    // Farther out, exponentials of autograd's other branches overflow, and 0 · ∞ is NaN.
    private const double FarthestOfTorch = 8;

    private readonly FormulaPoints points = new(x => branches(new(x)));

    /// <summary>Judges all.</summary>
    public IReadOnlyList<Finding> Run() => [Rule(), .. Autograd(), .. points.Kinks.Count > 0 ? new[] { Kinks() } : [], Kernel()];

    /// <summary>The rule against dual numbers.</summary>
    private Finding Rule()
    {
        var x = points.Beside(Closeness);
        var (ours, exact) = (Array.ConvertAll(x, at => rule(Exactly(at))), Array.ConvertAll(x, Slope));
        return new Numbered(slope, x.Length, Values(ours), null, Values(exact), [.. ours.Zip(exact, (a, b) => Bound(Bounded.Double, a, b))])
        {
            ReferenceName = "dual numbers",
            Remark = i => At(x[i]),
        }.Judge(area, name, "rule against dual numbers");
    }

    /// <summary>Rule and autograd against dual numbers; nothing without libtorch.</summary>
    private IEnumerable<Finding> Autograd()
    {
        double[] x = [.. points.Beside(Closeness).Where(at => Math.Abs(at) <= FarthestOfTorch)];
        double[] theirs;
        try
        {
            theirs = Torched.Differentiate(torched, x).Derivatives;
        }
        catch (DllNotFoundException)
        {
            yield break;
        }

        var (ours, exact) = (Array.ConvertAll(x, at => rule(Exactly(at))), Array.ConvertAll(x, Slope));
        // It differentiates by the result y: 1 − y, y + 1, as exact as 1 is, however small they are.
        double Width(int i) => Bound(Bounded.Double, ours[i], exact[i]) + Bounded.Double * Bounded.Function * (1 + Math.Abs(x[i]));
        yield return new Numbered(slope, x.Length, Values(ours), theirs, Values(exact), [.. Enumerable.Range(0, x.Length).Select(Width)])
        {
            TheirName = "libtorch's autograd",
            ReferenceName = "dual numbers",
            Remark = i => At(x[i]),
        }.Judge(area, name, "rule and autograd against dual numbers");
    }

    /// <summary>The rule at kinks, between the slopes on both sides: how far it is outside.</summary>
    private Finding Kinks()
    {
        double[] x = [.. points.Kinks];
        var ours = Array.ConvertAll(x, at => rule(Exactly(at)));
        var (left, right) = (Array.ConvertAll(x, at => Slope(FormulaPoints.Left(at, Closeness))), Array.ConvertAll(x, at => Slope(FormulaPoints.Right(at, Closeness))));
        double Nearest(int i) => Math.Clamp(
            ours[i].Value, Math.Min(left[i].Value, right[i].Value), Math.Max(left[i].Value, right[i].Value));
        // A slope changes by its own curve over what lies between: no more than it is large.
        double Width(int i) => Bound(Bounded.Double, left[i], right[i]) + 64 * Closeness * Math.Max(1, Math.Abs(left[i].Value) + Math.Abs(right[i].Value));
        int[] all = [.. Enumerable.Range(0, x.Length)];
        return new Numbered(slope, x.Length, Values(ours), null, Array.ConvertAll(all, Nearest), Array.ConvertAll(all, Width))
        {
            ReferenceName = "nearest slope between those on both sides",
            Remark = i => $"{At(x[i])}, a kink",
        }.Judge(area, name, "rule at kinks");
    }

    /// <summary>The engine's own loops, in float, where numbers are floats.</summary>
    private Finding Kernel()
    {
        double[] x = [.. points.Beside(FloatCloseness).Select(at => (double)(float)at).Distinct()];
        // As many rows as a power of two: what a mean divides by, exactly.
        var rows = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)x.Length);
        x = [.. x, .. Enumerable.Repeat(x[^1], rows - x.Length)];
        var (input, targets) = (Node.Input("x", 1), Node.Input("t", 1));
        using var numbers = new Numbers<float>(new() { Threads = 1 }) { [input] = Column(x), [targets] = Column([.. x.Select(_ => target)]) };
        var y = node(input, targets);
        var scale = y.Shape.IsBatch ? 1 : rows;
        double[] slopes = [.. numbers.Gradients(y.Sum(), [input], zeros: true)[0].Cast<float>().Select(g => g * scale)];
        var exact = Array.ConvertAll(x, at => rule(Exactly(at)));
        var (tensor, ours, reference) = (slope, slopes, exact);
        if (y.Shape.IsBatch)
        {
            // A column of values is looked at too, behind the slopes.
            ours = [.. slopes, .. numbers.Value(y).Cast<float>()];
            reference = [.. exact, .. x.Select(at => value(Exactly(at)))];
            tensor = $"{slope} and y";
        }

        return new Numbered(tensor, rows, ours, null, Values(reference), [.. reference.Select(r => Bound(Bounded.Float, r, r))])
        {
            ReferenceName = "rule in double",
            Remark = i => At(x[i % rows]),
        }.Judge(area, name, "kernel in float against the formula in double");
    }

    private static float[,] Column(double[] numbers)
    {
        var column = new float[numbers.Length, 1];
        for (var i = 0; i < numbers.Length; i++)
        {
            column[i, 0] = (float)numbers[i];
        }

        return column;
    }

    private Bounded Slope(double x) => dual(Dual<Bounded>.Variable(Exactly(x))).Derivative;

    private static Bounded Exactly(double x) => new(x, 0);

    private static double[] Values(Bounded[] numbers) => Array.ConvertAll(numbers, number => number.Value);

    private static double Bound(double unit, Bounded a, Bounded b)
        => unit * Math.Max(a.Doubt, b.Doubt) >= 1 ? double.PositiveInfinity : Allowance * unit * (a.Error + b.Error);

    private static string At(double x) => FormattableString.Invariant($" at {x:R}");
}
