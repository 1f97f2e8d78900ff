using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Planning;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>f″ of every activation: Bprop of its Bprop, beside dual numbers of dual numbers and libtorch's double backward.</summary>
/// <remarks>
/// In double. What rounding may do is read off the dual numbers, whose rules are those of graphs: both sides make such roundings, in other
/// orders, so that four times as much is allowed.
/// </remarks>
internal static class SecondDerivativeRows
{
    private const string Area = "second derivative";
    private const double Sides = 4, Operations = 64;

    /// <summary>Audits an activation.</summary>
    public static IEnumerable<Finding> Run(Activation f)
    {
        // Beyond, formulas are bounded, and second derivatives nothing but roundings.
        double[] points = [.. Points.Around(f.Parameters).Where(x => Math.Abs(x) is > 1e-6 and < 15)];
        var readings = Array.ConvertAll(points, x => new PointReading(
            f.Forward(new Dual<Dual<Bounded>>(new(x, 1), new(1, 0))).Derivative.Derivative));
        var unit = Curves.Unit<double>();
        double[] bounds = [.. readings.Select((r, i) => Sides * r.Bound(unit) + Operations * unit * Math.Max(1, Math.Abs(points[i])))];
        yield return new PointComparison(
            Engine(f, points), Torch(f, points), Array.ConvertAll(readings, r => r.Value), bounds, i => FormattableString.Invariant($"x = {points[i]:R}"))
            .Judge(Area, f.Name, "f″ in double");
    }

    private static double[] Engine(Activation f, double[] points)
    {
        var x = Node.Input("x", 16);
        using var numbers = new Numbers<double>(new() { Threads = 1 }) { [x] = Curves.Grid<double>(points) };
        var slope = Gradient.Build(x.Apply(f).Sum(), [x], zeros: true)[0];
        return Curves.Flat(numbers.Gradients(slope.Sum(), [x], zeros: true)[0], points.Length);
    }

    private static double[]? Torch(Activation f, double[] points)
    {
        if (!TorchLibrary.IsAvailable)
        {
            return null;
        }

        using var twin = Twins.Of(f);
        using var scope = NewDisposeScope();
        var x = tensor(points).requires_grad_();
        return Curves.Wide(DoubleBackward.Run(twin.call(x).sum(), [x], [ones_like(x)])[0]);
    }
}
