using Backprop.Audit.Bounds;
using Backprop.Graph;
using Backprop.Planning;

namespace Backprop.Audit;

/// <summary>The Hessian of a scalar times a vector, as the engine computes it from the graph of its gradient.</summary>
/// <remarks>
/// In double, three ways. Plain loops over the same graph, which bound what rounding does, and libtorch's double backward. Central
/// differences of the engine's gradient along the vector, which need no rule of second derivatives. And that the gradient is one:
/// differences of the scalar.
/// </remarks>
internal sealed class Curvature : IDisposable
{
    // Both sides make such roundings, in other orders.
    private const double Sides = 4;

    // Of a gradient, and of the numbers it is taken at.
    private const double Noise = 2;

    private const double FirstStep = 1.0 / 64, Shorter = 1.0 / 8;
    private const int MostSteps = 6;

    // A slope that is known worse than to a thousandth of the largest tells nothing.
    private const double Decisive = 1.0 / 1024;

    private readonly Numbers<double> numbers = new(new() { Threads = 1 });
    private readonly Node[] nodes;
    private readonly int count;
    private readonly Func<int, string> place;
    private readonly BoundedGraph run;
    private readonly double[] vector, here, errors;
    private readonly Func<double, double[]> along;
    private readonly Func<double, ulong> path;

    /// <summary>Computes it.</summary>
    /// <param name="scalar">What is differentiated.</param>
    /// <param name="variables">With respect to what.</param>
    /// <param name="leaf">The numbers of a leaf, row-major.</param>
    /// <param name="rows">The batch's rows.</param>
    /// <param name="vector">Numbers for each variable, row-major.</param>
    /// <param name="names">What messages call an element of a variable.</param>
    public Curvature(
        Node scalar, IReadOnlyList<Node> variables, Func<Node, double[]> leaf, int rows, IReadOnlyList<double[]> vector, Func<Node, int, string> names)
    {
        Node[] v = [.. variables.Select(x => Derivatives.Like(x, $"v of {x.Name}"))];
        var gradients = Gradient.Build(scalar, variables, zeros: true);
        var slope = gradients.Zip(v, (gradient, of) => (gradient * of).Sum()).Aggregate((a, b) => a + b);
        nodes = [scalar, .. gradients, .. Gradient.Build(slope, variables, zeros: true)];
        Func<Node, double[]> At(double distance)
        {
            var moved = variables.Zip(vector, (x, of) => (x, leaf(x).Zip(of, (number, by) => number + distance * by).ToArray()));
            var all = moved.Concat(v.Zip(vector)).ToDictionary();
            return node => all.TryGetValue(node, out var own) ? own : leaf(node);
        }

        run = new(nodes, At(0), rows);
        (this.vector, count) = ([.. vector.SelectMany(of => of)], vector.Sum(of => of.Length));
        errors = [.. nodes.SelectMany(node => run[node].Errors!)];
        path = distance => run.WithLeaves(nodes, At(distance)).Path;
        var known = new Dictionary<double, double[]>();
        along = distance => known.TryGetValue(distance, out var all) ? all : known[distance] = Engine(At(distance), rows);
        here = along(0);
        place = i =>
        {
            var (which, at) = (0, i);
            for (; at >= vector[which].Length; which++)
            {
                at -= vector[which].Length;
            }

            return names(variables[which], at);
        };
    }

    /// <summary>Beside the plain loops and libtorch's, beside differences, and the gradient beside differences of the scalar.</summary>
    /// <param name="area">The findings' area.</param>
    /// <param name="subject">Their subject.</param>
    /// <param name="theirs">libtorch's product, variable by variable; null where there is none.</param>
    /// <param name="missing">Why there is none.</param>
    public IEnumerable<Finding> Judge(string area, string subject, double[]? theirs, string? missing)
    {
        const string Product = "Hessian times vector in double";
        var (ours, unit) = (here[(1 + count)..], Bounded.Double);
        double[] reference = [.. nodes[(1 + (nodes.Length - 1) / 2)..].SelectMany(node => run[node].Values)];
        double[] bounds = [.. errors[(1 + count)..].Select(error => run.IsOpen(unit) ? double.PositiveInfinity : Sides * unit * error)];
        yield return new ReferenceCheck(ours, theirs, reference, bounds, place) { Missing = missing }.Judge(area, subject, Product);

        var step = FirstStep;
        for (var attempt = 0; path(step) != path(0) || path(-step) != path(0); step *= Shorter)
        {
            if (++attempt == MostSteps)
            {
                yield return new(
                    area, subject, $"{Product}, and differences of the gradient", Verdict.Undecided, 0, $"a branch turns within {step:G3} of the vector");
                yield break;
            }
        }

        var slopes = Enumerable.Range(0, 1 + count).Select(i => Slope.Of(t => along(t)[i], here[i], Noise * unit * errors[i], step)).ToList();
        var sized = Decisive * here.Max(Math.Abs);
        double[] allowed = [.. slopes.Skip(1).Select((slope, i) => slope.Bound + unit * errors[1 + count + i])];
        var finding = new ReferenceCheck(ours, null, [.. slopes.Skip(1).Select(slope => slope.Value)], allowed, place)
            .Judge(area, subject, $"{Product}, and differences of the gradient");
        yield return finding.Verdict == Verdict.Agrees && allowed.Any(bound => !(bound <= sized)) ? finding with { Verdict = Verdict.Undecided } : finding;

        var (gradient, rounding) = (0.0, slopes[0].Bound);
        for (var i = 0; i < count; i++)
        {
            gradient += vector[i] * here[1 + i];
            rounding += Math.Abs(vector[i]) * unit * errors[1 + i];
        }

        yield return new ReferenceCheck([gradient], null, [slopes[0].Value], [rounding], _ => "along the vector")
            .Judge(area, subject, "gradient in double, and differences of the scalar");
    }

    /// <inheritdoc/>
    public void Dispose() => numbers.Dispose();

    /// <summary>The scalar, its gradient and its Hessian times the vector.</summary>
    private double[] Engine(Func<Node, double[]> leaf, int rows)
    {
        foreach (var node in run.Topology.Order.Where(node => node.TakesNumbers))
        {
            numbers[node] = Doubles.Matrix<double>(leaf(node), node.Shape.Columns);
        }

        return [.. numbers.Values(nodes).SelectMany(Doubles.Of)];
    }
}
