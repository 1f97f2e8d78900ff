using System.Numerics;
using Backprop.Formulas;
using Backprop.Torch;

namespace Backprop.Audit;

/// <summary>Values and slopes of an activation's kernels beside its formula, dual numbers and PyTorch's function of its name.</summary>
/// <remarks>
/// The reference is the formula in double, its slope by dual numbers. What rounding may do is read off the formula and off the
/// hand-written rule. PyTorch's function is the same function where it differs by 16 roundings of the largest number in it at most,
/// which is 1, x or y; where it is further from the reference than our bound, it is the less exact one. Where a formula is bounded, as
/// it no longer changes, dual numbers give a slope of 0: what the rule has left of it there is less than a rounding of 1 in double.
/// </remarks>
internal static class ActivationRows
{
    private const string Area = "activation";

    /// <summary>Operations of a formula: about a dozen.</summary>
    private const double Operations = 16;

    /// <summary>Every activation, and each with parameters once more with others.</summary>
    public static IEnumerable<Activation> All
        => Activation.All.SelectMany(f => f.Parameters.Count == 0 ? [f] : new[] { f, f.With([.. f.Parameters.Select(p => 0.75 * p)]) });

    /// <summary>Audits one.</summary>
    public static IEnumerable<Finding> Run(Activation f) => Run(f, f.Name);

    /// <summary>Audits one that is to be the catalogue's of that name, such as a broken one to see the audit fail.</summary>
    public static IEnumerable<Finding> Run(Activation f, string meant) => [.. In<float>(f, Activation.Parse(meant)), .. In<double>(f, Activation.Parse(meant))];

    private static IEnumerable<Finding> In<T>(Activation f, Activation meant) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var points = Points.Around(meant.Parameters);
        var ours = Curves.Engine<T>(x => x.Apply(f), points);
        var theirs = TorchsOwn<T>(meant, points);
        var values = Array.ConvertAll(points, x => PointReading.Of(x, meant.Forward));
        var slopes = Array.ConvertAll(points, x => PointReading.Slope(x, meant.Forward));
        var rules = Array.ConvertAll(points, x => PointReading.Of(x, n => meant.Derivative(n, meant.Forward(n))));
        yield return Compare("value", ours.Values, theirs?.Values, values, values);
        yield return Compare("slope", ours.Slopes, theirs?.Slopes, slopes, rules);

        Finding Compare(string what, double[] actual, double[]? torch, PointReading[] reference, PointReading[] computed)
        {
            var (unit, wide) = (Curves.Unit<T>(), Curves.Unit<double>());
            var expected = Array.ConvertAll(reference, r => r.Value);
            double[] bounds = [.. reference.Zip(computed, (r, c) => c.Bound(unit) + r.Bound(wide) + (r.Value == 0 ? wide : 0))];
            return new PointComparison(actual, torch, Curves.InRange<T>(expected), bounds, i => FormattableString.Invariant($"x = {points[i]:R}"))
            {
                Sameness = i => Operations * unit * Math.Max(1, Math.Max(Math.Abs(points[i]), Math.Abs(expected[i]))),
            }.Judge(Area, meant.Name, $"{what} in {Curves.Name<T>()}");
        }
    }

    private static (double[] Values, double[] Slopes)? TorchsOwn<T>(Activation f, double[] points) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!TorchLibrary.IsAvailable)
        {
            return null;
        }

        using var twin = Twins.Of(f);
        return Curves.Torch<T>(twin.call, points);
    }
}
