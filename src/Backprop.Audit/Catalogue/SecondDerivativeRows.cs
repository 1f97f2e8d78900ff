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
/// orders, so that four times as much is allowed; and 64 roundings of the number itself, or of 1, for the dozens of operations of that size
/// that a double backward makes where the formula makes none.
/// </remarks>
internal static class SecondDerivativeRows
{
    private const double Sides = 4, Operations = 64;

    // Beyond, formulas are bounded, and second derivatives nothing but roundings.
    private const double Nearest = 1e-6, Farthest = 15;

    /// <summary>Audits an activation.</summary>
    public static IEnumerable<Finding> Run(AuditedActivation activation)
    {
        var f = activation.Function;
        double[] points = [.. new FormulaPoints(activation, 0, Farthest).Points.Where(x => Math.Abs(x) is > Nearest and < Farthest)];
        var readings = Array.ConvertAll(points, x => f.Forward(new Dual<Dual<Bounded>>(new(x, 1), new(1, 0))).Derivative.Derivative);
        double[] bounds =
        [
            .. readings.Select((r, i) => Sides * r.ErrorIn(Bounded.Double) + Operations * Bounded.Double * Math.Max(1, Math.Abs(points[i]))),
        ];
        var x = Node.Parameter("x", 1, points.Length);
        using var numbers = new Numbers<double>(new() { Threads = 1 }) { [x] = Doubles.Matrix<double>(points, points.Length) };
        var slope = Gradient.Build(x.Apply(f).Sum(), [x], zeros: true)[0];
        var ours = Doubles.Of(numbers.Gradients(slope.Sum(), [x], zeros: true)[0]);
        var (theirs, missing) = TorchWitness.Ask(() =>
        {
            using var twin = Twins.Of(f);
            using var scope = NewDisposeScope();
            var input = tensor(points).requires_grad_();
            return Doubles.Of(DoubleBackward.Run(twin.call(input).sum(), [input], [ones_like(input)])[0]);
        });
        yield return new ReferenceCheck(
            ours, theirs, Array.ConvertAll(readings, r => r.Value), bounds, i => FormattableString.Invariant($"f″ at x = {points[i]:R}"))
        {
            Missing = missing,
        }.Judge("second derivative", f.Name, "f″ in double");
    }
}
