namespace Backprop.Audit;

/// <summary>One of PyTorch's conventions at a point where several would do: a kink, an infinity, NaN, an empty sum.</summary>
/// <param name="Subject">The formula, loss, layer or optimizer.</param>
/// <param name="At">The point, as "x = 0".</param>
/// <param name="Numbers">What both give there.</param>
/// <param name="Deviation">Why ours differs on purpose; null where it is not meant to.</param>
public sealed record Convention(string Subject, string At, IReadOnlyList<ConventionNumber> Numbers, string? Deviation)
{
    /// <summary>What PyTorch gives there, in words.</summary>
    public string Torch => string.Join(", ", Numbers.Select(number => $"{number.Name} {number.Word(number.Torch)}"));

    /// <summary>What this engine gives there, in words.</summary>
    public string Ours => string.Join(", ", Numbers.Select(number => $"{number.Name} {number.Word(number.Same ? number.Torch : number.Ours)}"));

    /// <summary>Whether both give the same.</summary>
    public bool IsTorchs => Numbers.All(number => number.Same);

    /// <summary>Whether it is as it is meant to be: PyTorch's, or a named deviation from it.</summary>
    public bool Passes => IsTorchs == Deviation is null;

    /// <summary>The convention of some numbers.</summary>
    /// <param name="subject">What is looked at.</param>
    /// <param name="at">Where.</param>
    /// <param name="names">What each number is, such as "y"; the sign of a 0 counts if it is that.</param>
    /// <param name="torch">PyTorch's numbers.</param>
    /// <param name="ours">Ours.</param>
    /// <param name="bounds">How far rounding may put each apart; where that is no number, they must be equal.</param>
    internal static Convention Of(string subject, string at, string[] names, double[] torch, double[] ours, double[] bounds) => new(
        subject,
        at,
        [.. names.Select((name, i) => new ConventionNumber(name, torch[i], ours[i], ConventionNumber.AreSame(torch[i], ours[i], bounds[i], name == "y")))],
        Deviations.Reason(subject, at));

    /// <summary>The same point in both precisions: one convention, or two where they differ.</summary>
    /// <param name="at">The point.</param>
    /// <param name="single">The convention there in float, by the name of the point.</param>
    /// <param name="twice">In double.</param>
    /// <param name="bounds">How far rounding may put float's numbers from double's.</param>
    internal static IEnumerable<Convention> InBoth(string at, Func<string, Convention> single, Func<string, Convention> twice, double[] bounds)
    {
        var (a, b) = (single(at), twice(at));
        var isOne = a.Numbers.Zip(b.Numbers).Select((pair, i) => pair.First.Same == pair.Second.Same
            && ConventionNumber.AreSame(pair.First.Torch, pair.Second.Torch, bounds[i], false)
            && (pair.First.Same || ConventionNumber.AreSame(pair.First.Ours!.Value, pair.Second.Ours!.Value, bounds[i], false))).All(same => same);
        return isOne ? [b] : [single($"{at} in float"), twice($"{at} in double")];
    }
}

/// <summary>A number of a convention.</summary>
/// <param name="Name">What it is, as "slope".</param>
/// <param name="Torch">PyTorch's.</param>
/// <param name="Ours">Ours; null where it is refused.</param>
/// <param name="Same">Whether they are the same: equal, or no further apart than rounding explains.</param>
public sealed record ConventionNumber(string Name, double Torch, double? Ours, bool Same)
{
    /// <summary>Whether two numbers are the same.</summary>
    /// <param name="torch">PyTorch's.</param>
    /// <param name="ours">Ours.</param>
    /// <param name="bound">How far apart rounding may put them; no number if they must be equal.</param>
    /// <param name="signOfZero">Whether 0 and −0 differ.</param>
    internal static bool AreSame(double torch, double ours, double bound, bool signOfZero) => torch.Equals(ours)
        ? !signOfZero || double.IsNegative(torch) == double.IsNegative(ours) || torch != 0
        : double.IsFinite(bound) && Math.Abs(torch - ours) <= bound;

    /// <summary>One of the two: to the last bit, unless they are the same.</summary>
    internal string Word(double? number) => number is null ? "refused" : Same ? Element.Short(number.Value) : Element.Word(number);
}
