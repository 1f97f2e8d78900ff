using System.Numerics;
using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Torch;

namespace Backprop.Audit;

/// <summary>Checks the kernels and the hand-written derivative of a formula, built in or of your own, at every size and beside every kink it has.</summary>
/// <remarks>
/// The reference is the formula in double, its slope by dual numbers. What rounding may do is read off the formula and off the
/// hand-written rule; but a formula whose terms cancel is not excused by that: its bound is at most what 16 operations make of it that move
/// it no farther than the same rounding of what it is given would, its result, its input and, of a rule, the value.
/// PyTorch's function, where there is one of that name, is the same function where it differs by 16 roundings of the
/// largest number in it at most; where it is further from the reference than our bound, it is the less exact one. Where a formula is
/// bounded, as it no longer changes, dual numbers give a slope of 0: what the rule has left of it there is less than a rounding of 1 in
/// double. At a kink, where a rule may choose, its slope must lie between those on both sides.
/// </remarks>
public static class FormulaAudit
{
    // Formulas of your own may overflow where they do no harm; the catalogue's may not.
    private const double Farthest = 64, FarthestOfCatalogue = 1e30;

    // Farther out, exponentials of autograd's other branches overflow, and 0 · ∞ is NaN.
    private const double FarthestOfAutograd = 8;

    /// <summary>Operations of a formula: about a dozen.</summary>
    private const double Operations = 16;

    // Rule and reference both round.
    private const double Both = 2;

    private const string Cancels
        = "; the formula's roundings explain that, but those of what it is given do not: its terms cancel. Write it without their difference";

    /// <summary>Checks an activation.</summary>
    /// <returns>Its kernels' worst value and slope in float and double, its rule's beside autograd's, and at kinks.</returns>
    public static IReadOnlyList<Finding> Run(Activation formula) => Run(new AuditedActivation(formula), Farthest);

    /// <summary>Checks a loss, for several targets.</summary>
    /// <returns>Its kernels' worst value and slope in float and double, its rule's beside autograd's, and at kinks.</returns>
    public static IReadOnlyList<Finding> Run(Loss formula) => Run(new AuditedLoss(formula), Farthest);

    /// <summary>Checks one of the catalogue.</summary>
    internal static IReadOnlyList<Finding> Run(AuditedFormula formula) => Run(formula, FarthestOfCatalogue);

    /// <summary>Checks one that is to be another, such as a broken one to see the audit fail.</summary>
    internal static IReadOnlyList<Finding> Run(AuditedFormula formula, AuditedFormula meant, double farthest = FarthestOfCatalogue)
    {
        var points = Array.ConvertAll(meant.Targets, t => (Target: t, Of: new FormulaPoints(meant, t, farthest)));
        (double X, double T)[] Pairs(Func<FormulaPoints, IEnumerable<double>> of) => [.. points.SelectMany(p => of(p.Of).Select(x => (x, p.Target)))];
        var kinks = Pairs(of => of.Kinks);
        return
        [
            .. Kernels<float>(formula, meant, Pairs(of => of.Points)),
            .. Kernels<double>(formula, meant, Pairs(of => of.Points)),
            Autograd(formula, meant, Pairs(of => of.Points.Where(x => Math.Abs(x) <= FarthestOfAutograd))),
            .. kinks.Length > 0 ? new[] { AtKinks(formula, meant, kinks) } : [],
        ];
    }

    private static IReadOnlyList<Finding> Run(AuditedFormula formula, double farthest) => Run(formula, formula, farthest);

    private static IEnumerable<Finding> Kernels<T>(AuditedFormula formula, AuditedFormula meant, (double X, double T)[] pairs)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] x = [.. pairs.Select(pair => pair.X)], t = [.. pairs.Select(pair => pair.T)];
        var (ours, (theirs, missing)) = (formula.Engine<T>(x, t), meant.Torch<T>(x, t));
        var values = Array.ConvertAll(pairs, pair => meant.Value(pair.X, pair.T));
        var (slopes, rules) = (Array.ConvertAll(pairs, pair => meant.Slope(pair.X, pair.T)), Array.ConvertAll(pairs, pair => meant.Rule(pair.X, pair.T)));
        yield return Judge("value", meant.ValueName, ours.Values, theirs?.Values, values, values, meant.ValueCondition);
        yield return Judge("slope", meant.SlopeName, ours.Slopes, theirs?.Slopes, slopes, rules, meant.RuleCondition);

        Finding Judge(
            string what, string symbol, double[] actual, double[]? torch, Bounded[] reference, Bounded[] computed, Func<double, double, double> condition)
        {
            var unit = Bounded.Unit<T>();
            var expected = Array.ConvertAll(reference, r => InRange<T>(r.Value));
            double[] Bounds(Func<int, double> own)
                => [.. reference.Select((r, i) => own(i) + r.ErrorIn(Bounded.Double) + (r.Value == 0 ? Bounded.Double : 0))];
            var (bounds, cancelling) = (Bounds(i => Sound(computed[i], condition(x[i], t[i]), unit)), Bounds(i => computed[i].ErrorIn(unit)));
            return new ReferenceCheck(actual, torch, expected, bounds, At(meant, symbol, pairs))
            {
                Missing = missing,
                Remark = i => Math.Abs(actual[i] - expected[i]) <= cancelling[i] ? Cancels : "",
                Sameness = i => Operations * unit * Math.Max(1, Math.Max(meant.Largest(x[i], t[i]), Math.Abs(expected[i]))),
            }.Judge(meant.Area, meant.Name, $"{what} in {Doubles.NameOf<T>()}");
        }
    }

    /// <summary>The rule, and libtorch's autograd of the formula, beside dual numbers.</summary>
    private static Finding Autograd(AuditedFormula formula, AuditedFormula meant, (double X, double T)[] pairs)
    {
        double[] x = [.. pairs.Select(pair => pair.X)], t = [.. pairs.Select(pair => pair.T)];
        var (theirs, missing) = TorchWitness.Ask(() => Torched.Differentiate(z => formula.Value(z, Torched.Of(t)), x).Derivatives);
        var ours = Array.ConvertAll(pairs, pair => formula.Rule(pair.X, pair.T));
        var exact = Array.ConvertAll(pairs, pair => meant.Slope(pair.X, pair.T));
        // It differentiates by the result y: 1 − y, y + 1, as exact as 1 is, however small they are.
        double Slack(int i) => Bounded.Double * Bounded.Function * (1 + Math.Abs(x[i]));
        double[] Bounds(Func<int, double> own)
            => [.. exact.Select((one, i) => Both * (own(i) + one.ErrorIn(Bounded.Double)) + (one.Value == 0 ? Bounded.Double : 0))];
        var cancelling = Bounds(i => ours[i].ErrorIn(Bounded.Double));
        return new ReferenceCheck(
            Values(ours), theirs, Values(exact), Bounds(i => Sound(ours[i], formula.RuleCondition(x[i], t[i]), Bounded.Double)),
            At(meant, meant.SlopeName, pairs))
        {
            TheirBounds = [.. cancelling.Select((bound, i) => bound + Slack(i))],
            Remark = i => Math.Abs(ours[i].Value - exact[i].Value) <= cancelling[i] ? Cancels : "",
            TheirName = "libtorch's autograd",
            Missing = missing,
            ReferenceName = "dual numbers",
        }.Judge(meant.Area, meant.Name, "rule and autograd beside dual numbers");
    }

    /// <summary>How far a number may be off: as its formula rounds, but no farther than one does whose terms do not cancel.</summary>
    /// <param name="computed">It, with what its formula's roundings amount to.</param>
    /// <param name="condition">How far it moves with what it is given.</param>
    /// <param name="unit">The roundoff.</param>
    private static double Sound(Bounded computed, double condition, double unit)
    {
        var (own, most) = (computed.ErrorIn(unit), unit * Operations * Bounded.Function * (Math.Abs(computed.Value) + condition + Bounded.Underflow));
        return most < own && !double.IsInfinity(own) ? most : own;
    }

    /// <summary>The rule at kinks, between the slopes on both sides: how far it is outside.</summary>
    private static Finding AtKinks(AuditedFormula formula, AuditedFormula meant, (double X, double T)[] kinks)
    {
        var (ours, nearest, bounds) = (new double[kinks.Length], new double[kinks.Length], new double[kinks.Length]);
        for (var i = 0; i < kinks.Length; i++)
        {
            var (x, t) = kinks[i];
            ours[i] = formula.Rule(x, t).Value;
            var (left, right) = (meant.Slope(FormulaPoints.Left(x), t), meant.Slope(FormulaPoints.Right(x), t));
            nearest[i] = Math.Clamp(ours[i], Math.Min(left.Value, right.Value), Math.Max(left.Value, right.Value));
            // A slope changes by its own curve over what lies between: no more than it is large.
            bounds[i] = Both * (left.ErrorIn(Bounded.Double) + right.ErrorIn(Bounded.Double))
                + 64 * FormulaPoints.Closeness * Math.Max(1, Math.Abs(left.Value) + Math.Abs(right.Value));
        }

        return new ReferenceCheck(ours, null, nearest, bounds, i => $"{At(meant, meant.SlopeName, kinks)(i)}, a kink")
        {
            ReferenceName = "nearest slope between those on both sides",
        }.Judge(meant.Area, meant.Name, "rule at kinks");
    }

    private static Func<int, string> At(AuditedFormula formula, string symbol, (double X, double T)[] at)
        => i => $"{Element.NameOf(symbol, i, at.Length)} at {formula.At(Element.Word(at[i].X), Element.Word(at[i].T))}";

    /// <summary>The number, infinite where a precision has none so large.</summary>
    private static double InRange<T>(double x) where T : unmanaged, IFloatingPointIeee754<T>
        => T.IsInfinity(T.CreateTruncating(x)) ? double.CreateTruncating(T.CreateTruncating(x)) : x;

    private static double[] Values(Bounded[] numbers) => Array.ConvertAll(numbers, number => number.Value);
}
