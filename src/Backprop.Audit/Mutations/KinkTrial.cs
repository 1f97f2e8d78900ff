using Backprop.Formulas;

namespace Backprop.Audit.Mutations;

/// <summary>The table of PyTorch's conventions, as a trial.</summary>
internal static class KinkTrial
{
    /// <summary>An activation is another at its kinks.</summary>
    public static Trial Activation<TSound, TBroken>(TSound sound, TBroken broken) where TSound : struct, IActivation where TBroken : struct, IActivation
    {
        return Of("the activation", new AuditedActivation(Formulas.Activation.Of(sound)), new AuditedActivation(Formulas.Activation.Of(broken)));
    }

    /// <summary>A loss is another at its kinks.</summary>
    public static Trial Loss<TSound, TBroken>(TSound sound, TBroken broken) where TSound : struct, ILoss where TBroken : struct, ILoss
    {
        return Of("the loss", new AuditedLoss(Formulas.Loss.Of(sound)), new AuditedLoss(Formulas.Loss.Of(broken)));
    }

    private static Trial Of(string injection, AuditedFormula meant, AuditedFormula broken)
        => new("conventions", injection, true, _ => Read(FormulaConventions.Of(meant, meant)), _ => Read(FormulaConventions.Of(meant, broken)));

    private static TrialResult Read(IEnumerable<Convention> conventions)
    {
        var all = conventions.ToList();
        var first = all.Find(convention => !convention.Passes);
        return first is null
            ? new(true, $"{all.Count} points as they are meant to be")
            : new(false, $"{first.Subject} at {first.At}: ours {first.Ours}, PyTorch's {first.Torch}");
    }
}
