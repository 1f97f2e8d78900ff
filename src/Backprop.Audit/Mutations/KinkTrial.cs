using Backprop.Formulas;

namespace Backprop.Audit.Mutations;

/// <summary>The table of PyTorch's conventions, as a trial.</summary>
internal static class KinkTrial
{
    /// <summary>An activation is another at its kinks.</summary>
    public static Trial Activation<TSound, TBroken>(TSound sound, TBroken broken) where TSound : struct, IActivation where TBroken : struct, IActivation
    {
        var (meant, given) = (Formulas.Activation.Of(sound), Formulas.Activation.Of(broken));
        return Of("the activation", () => ActivationConventions.Of(meant, meant), () => ActivationConventions.Of(meant, given));
    }

    /// <summary>A loss is another at its kinks.</summary>
    public static Trial Loss<TSound, TBroken>(TSound sound, TBroken broken) where TSound : struct, ILoss where TBroken : struct, ILoss
    {
        var (meant, given) = (Formulas.Loss.Of(sound), Formulas.Loss.Of(broken));
        return Of("the loss", () => LossConventions.Of(meant, meant), () => LossConventions.Of(meant, given));
    }

    private static Trial Of(string injection, Func<IEnumerable<Convention>> sound, Func<IEnumerable<Convention>> broken)
        => new("conventions", injection, true, _ => Read(sound()), _ => Read(broken()));

    private static Outcome Read(IEnumerable<Convention> conventions)
    {
        var all = conventions.ToList();
        var first = all.Find(convention => !convention.Passes);
        return first is null
            ? new(true, $"{all.Count} points as they are meant to be")
            : new(false, $"{first.Subject} at {first.At}: ours {first.Ours}, PyTorch's {first.Torch}");
    }
}
