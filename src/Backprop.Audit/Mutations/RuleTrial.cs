using Backprop.Formulas;
using Backprop.Graph;

namespace Backprop.Audit.Mutations;

/// <summary>The audits of single formulas and operations, as trials.</summary>
internal static class RuleTrial
{
    private const string Formulas = "formulas";

    /// <summary>An activation's value stays, its derivative is another.</summary>
    public static Trial Activation<TSound, TBroken>(TSound sound, TBroken broken)
        where TSound : struct, IActivation where TBroken : struct, IActivation => FindingTrial.Of(
        Formulas,
        "the activation",
        () => FormulaAudit.Run(Backprop.Formulas.Activation.Of(sound)),
        () => FormulaAudit.Run(Backprop.Formulas.Activation.Of(broken)));

    /// <summary>A loss's value stays, its derivative is another.</summary>
    public static Trial Loss<TSound, TBroken>(TSound sound, TBroken broken) where TSound : struct, ILoss where TBroken : struct, ILoss => FindingTrial.Of(
        Formulas,
        "the loss",
        () => FormulaAudit.Run(Backprop.Formulas.Loss.Of(sound)),
        () => FormulaAudit.Run(Backprop.Formulas.Loss.Of(broken)));

    /// <summary>An operation's rule is another's.</summary>
    public static Trial Operation(Func<Node> sound, Func<Node> broken)
        => FindingTrial.Of("operations", "the operation", () => OpAudit.Run(sound()), () => OpAudit.Run(broken()));
}
