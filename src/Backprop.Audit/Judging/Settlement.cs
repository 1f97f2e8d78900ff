namespace Backprop.Audit;

/// <summary>What ranges the numbers of a tensor, and those that it comes of, leave.</summary>
internal enum NumberRange
{
    /// <summary>Neither: or nothing shows of it.</summary>
    Kept,

    /// <summary>They leave float's, and ours have become none.</summary>
    BeyondFloat,

    /// <summary>Others leave double's, so that they bound nothing here.</summary>
    ElsewhereBeyondDouble,

    /// <summary>They leave double's, or their squares do.</summary>
    BeyondDouble,
}

/// <summary>What one side's numbers in a precision come to, beside the reference.</summary>
/// <param name="Holds">Whether rounding explains all errors.</param>
/// <param name="IsExplained">Whether otherwise what could not be told does: the sides of units at kinks, or errors so large that formulas bend.</param>
internal readonly record struct Testimony(bool Holds, bool IsExplained = false);

/// <summary>A verdict, and how it comes.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Words">One sentence or more.</param>
internal readonly record struct Settled(Verdict Verdict, string Words);

/// <summary>Who is right about a tensor: the one place where what witnesses say becomes a verdict, of a pass and of a training step alike.</summary>
internal static class Settlement
{
    /// <summary>Settles disputes between the witnesses in double.</summary>
    /// <remarks>
    /// Ours and theirs are held to the plain loops, whose formulas and rules of differentiation are ours: they would share a mistake. So where
    /// theirs differs, central differences of our loss decide about a derivative's rule; and about a value, a second text of its formula.
    /// Without theirs and without differences nothing checks a rule, and nothing is decided; nor a value that has no second text.
    /// </remarks>
    /// <param name="ours">Whether plain loops contradict ours.</param>
    /// <param name="theirs">Whether they contradict theirs; null without theirs.</param>
    /// <param name="difference">Central differences of our loss; null where none are asked for, as of a value.</param>
    /// <param name="fits">How far ours and theirs are from them, as a share of what both may be off; null where there are none.</param>
    /// <param name="doubt">Why the formulas cannot be relied on; asked only if it matters.</param>
    public static Settled InDouble(Testimony ours, Testimony? theirs, Difference? difference, (double? Ours, double? Theirs) fits, Func<FormulaDoubt?> doubt)
    {
        const string All = "All witnesses in double agree";
        var (oursFits, theirsFits, decides) = (fits.Ours <= 1, fits.Theirs <= 1, difference?.Decides == true);
        switch (ours.Holds, theirs?.Holds)
        {
            case (true, null) when difference?.Missing is { } missing:
                return new(Verdict.Undecided, "Ours and the plain loops agree in double, but share their rules, which nobody else checks: "
                    + $"there is no libtorch, and no central difference. {missing}");
            case (true, null) when difference is null:
                return doubt() is { } alone
                    ? new(alone.IsKnown ? Verdict.OursWorse : Verdict.Undecided,
                        $"Ours and the plain loops agree in double, but share their formulas, and there is no libtorch. {alone.Words}")
                    : new(Verdict.Agrees, "Ours and the plain loops agree in double, and their formulas with a second text of each.");
            case (true, null) when oursFits:
                return new(Verdict.Agrees, "Ours, the plain loops and central differences agree in double.");
            case (true, true) when !decides || oursFits:
                return new(Verdict.Agrees, difference?.Missing is { } why ? $"{All}, but for central differences, of which there are none. {why}" : $"{All}.");
            case (true, null):
                return new(Verdict.OursWorse, "Central differences of our loss contradict our gradient.");
            case (true, true):
                // Two rules that nobody wrote together: the differences are too rough here.
                return new(Verdict.Agrees, "Ours, theirs and the plain loops agree in double; central differences of our loss are further off.");
            case (true, false) when decides && oursFits && !theirsFits:
                return new(Verdict.TheirsWorse, "Plain loops and central differences side with ours.");
            case (true, false) when decides && !oursFits && theirsFits:
                return new(Verdict.OursWorse, "Central differences side with theirs.");
            case (true, false):
                // Plain loops side with ours; if the formulas are what their second text says, that is theirs to answer for.
                return doubt() is { } contradiction
                    ? new(contradiction.IsKnown ? Verdict.OursWorse : Verdict.ReferenceDoubtful, contradiction.Words)
                    : new(Verdict.TheirsWorse, "Plain loops side with ours, and so does a second text of every formula.");
            case (false, true):
                return decides && oursFits && !theirsFits
                    ? new(Verdict.ReferenceDoubtful, "Plain loops side with theirs, central differences with ours.")
                    : new(Verdict.OursWorse, "Plain loops side with theirs.");
            case (false, null):
                return new(Verdict.OursWorse, "Plain loops contradict ours.");
            default:
                return new(Verdict.ReferenceDoubtful, "Neither agrees with the plain loops.");
        }
    }

    /// <summary>The verdict on float, where what is so in double is settled.</summary>
    /// <param name="precise">What is so in double.</param>
    /// <param name="ours">Ours in float.</param>
    /// <param name="theirs">Theirs in float; null without theirs.</param>
    /// <param name="range">What ranges are left.</param>
    public static Settled InFloat(Settled precise, Testimony ours, Testimony? theirs, NumberRange range)
    {
        // Beyond a range nobody's numbers say anything.
        if (range == NumberRange.BeyondDouble)
        {
            return new(Verdict.Undecided, "The numbers leave the range of double.");
        }

        var settled = precise.Verdict.IsAgainstUs ? precise
            : ours.Holds
                ? precise.Verdict != Verdict.TheirsWorse && theirs is { Holds: false, IsExplained: false }
                    ? new(Verdict.TheirsWorse, $"{precise.Words} Theirs in float is further off than rounding explains.")
                    : precise
            : range == NumberRange.BeyondFloat ? new(Verdict.Undecided, $"{precise.Words} The numbers leave the range of float.")
            : ours.IsExplained ? new(Verdict.Undecided, $"{precise.Words} In float it is no further off than what could not be told explains: "
                + "the sides of units at kinks, or errors so large that formulas bend.")
            : new Settled(Verdict.OursWorse, $"{precise.Words} In float rounding does not explain ours.");
        return range == NumberRange.ElsewhereBeyondDouble && settled.Verdict != Verdict.Agrees
            ? new(Verdict.Undecided, "Numbers elsewhere leave the range of double, and bound nothing here.") : settled;
    }
}
