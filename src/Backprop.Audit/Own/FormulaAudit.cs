using Backprop.Formulas;
using Backprop.Graph;

namespace Backprop.Audit;

/// <summary>Checks the hand-written derivative of a formula, built in or of your own, from −65 to 65 and beside every kink it has.</summary>
/// <remarks>
/// Rule, dual numbers and kernel are held to what rounding explains of each, read off the formula itself. At a kink, where a rule may
/// choose, its slope must lie between those on both sides. Without libtorch, autograd is left out.
/// </remarks>
public static class FormulaAudit
{
    private static readonly double[] LossTargets = [0, 1, 0.25];

    /// <summary>Checks an activation.</summary>
    /// <returns>The worst disagreement of its rule with dual numbers and autograd, at kinks, and of its kernel in float with its formula.</returns>
    public static IReadOnlyList<Finding> Run(Activation formula) => new FormulaReadings(
        "activation", formula.Name, "dy/dx",
        x => formula.Forward(x),
        x => formula.Derivative(x, formula.Forward(x)),
        x => formula.Forward(x),
        x => (formula.Forward(x).Path, formula.Derivative(x, formula.Forward(x)).Path),
        x => formula.Forward(x),
        (x, _) => x.Apply(formula)).Run();

    /// <summary>Checks a loss, for the targets 0, 1 and ¼.</summary>
    /// <returns>The worst disagreement of its rule with dual numbers and autograd, at kinks, and of its kernel in float with its formula.</returns>
    public static IReadOnlyList<Finding> Run(Loss formula) =>
    [
        .. LossTargets.SelectMany(t => new FormulaReadings(
            "loss", FormattableString.Invariant($"{formula.Name} of the target {t}"), "dℓ/dz",
            z => formula.Value(z, t),
            z => formula.Derivative(z, t),
            z => formula.Value(z, t),
            z => (formula.Value(z, t).Path, formula.Derivative(z, t).Path),
            z => formula.Value(z, t),
            (z, targets) => Node.MeanLoss(formula, z, targets),
            t).Run()),
    ];
}
