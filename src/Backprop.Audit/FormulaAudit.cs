using Backprop.Formulas;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>Checks the hand-written derivative of a formula, built in or of your own, at points between −8 and 8.</summary>
public static class FormulaAudit
{
    // Both sides round a few dozen times, in double, numbers near 1.
    private const double Bound = 1e-13;

    // None is a fraction at which formulas usually have a kink: there the rule chooses.
    private static readonly double[] Points = [.. Enumerable.Range(0, 80).Select(i => -7.93 + 0.2 * i)];

    /// <summary>Checks an activation.</summary>
    /// <returns>The largest disagreement with dual numbers, and with torch's autograd.</returns>
    public static IReadOnlyList<OpFinding> Run(Activation formula)
        => Run(formula.Forward, x => formula.Derivative(x, formula.Forward(x)), formula.Forward, $"{formula}′");

    /// <summary>Checks a loss, for the targets 0 and 1.</summary>
    /// <returns>The largest disagreement with dual numbers, and with torch's autograd.</returns>
    public static IReadOnlyList<OpFinding> Run(Formulas.Loss formula)
        => [.. new double[] { 0, 1 }.SelectMany(t => Run(
            z => formula.Value(z, t), z => formula.Derivative(z, t), z => formula.Value(z, t), $"{formula}′ of the target {t}"))];

    private static OpFinding[] Run(
        Func<Torched, Torched> formula, Func<Torched, Torched> rule, Func<Dual<Torched>, Dual<Torched>> dual, string name)
    {
        TorchLibrary.EnsureLoaded();
        using var scope = NewDisposeScope();
        var x = Torched.Of(Points);
        double[] Numbers(Torched value) => value.Tensor.expand(Points.Length).contiguous().data<double>().ToArray();
        var ours = Numbers(rule(x));
        return
        [
            Worst("Derivative against dual numbers", Numbers(dual(Dual<Torched>.Variable(x)).Derivative)),
            Worst("Derivative against torch's autograd", Torched.Differentiate(formula, Points).Derivatives),
        ];

        OpFinding Worst(string check, double[] reference)
        {
            var errors = ours.Zip(reference, (a, b) => a.Equals(b) ? 0 : Math.Abs(a - b) / Math.Max(1, Math.Abs(b))).ToArray();
            // A NaN is the worst there is.
            var at = Enumerable.Range(0, errors.Length).MaxBy(i => double.IsNaN(errors[i]) ? double.PositiveInfinity : errors[i]);
            var error = double.IsNaN(errors[at]) ? double.PositiveInfinity : errors[at];
            return new(check, error, Bound, $"{name}({Points[at]:R}): {ours[at]:R}, reference {reference[at]:R}");
        }
    }
}
