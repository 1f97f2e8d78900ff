using Backprop.Formulas;
using Backprop.Graph;

namespace Backprop.Audit.Mutations;

/// <summary>The audits of single formulas and operations, as trials.</summary>
internal static class RuleTrial
{
    /// <summary>An activation's value stays, its derivative is another.</summary>
    public static Trial Activation<TSound, TBroken>(TSound sound, TBroken broken) where TSound : struct, IActivation where TBroken : struct, IActivation => new(
        "formulas",
        "the activation",
        true,
        _ => Read(FormulaAudit.Run(Formulas.Activation.Of(sound))),
        _ => Read(FormulaAudit.Run(Formulas.Activation.Of(broken))));

    /// <summary>A loss's value stays, its derivative is another.</summary>
    public static Trial Loss<TSound, TBroken>(TSound sound, TBroken broken) where TSound : struct, ILoss where TBroken : struct, ILoss => new(
        "formulas",
        "the loss",
        true,
        _ => Read(FormulaAudit.Run(Formulas.Loss.Of(sound))),
        _ => Read(FormulaAudit.Run(Formulas.Loss.Of(broken))));

    /// <summary>An operation's rule is another's.</summary>
    public static Trial Operation(Func<Node> sound, Func<Node> broken)
        => new("operations", "the operation", false, _ => Read(OpAudit.Run(sound())), _ => Read(OpAudit.Run(broken())));

    private static Outcome Read(IReadOnlyList<OpFinding> findings)
    {
        var worst = findings.FirstOrDefault(finding => !finding.Passes) ?? findings.MaxBy(finding => finding.Error / finding.Bound)!;
        return new(findings.All(finding => finding.Passes), FormattableString.Invariant($"{worst.Check}: {worst.Error:G3} of {worst.Bound:G3}, {worst.Where}"));
    }
}
