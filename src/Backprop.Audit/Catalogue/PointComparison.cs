using System.Globalization;

namespace Backprop.Audit;

/// <summary>Numbers of ours and of libtorch's beside those they should be, and how far off rounding may put ours.</summary>
/// <param name="Ours">Of the code under audit.</param>
/// <param name="Theirs">libtorch's; null where there are none.</param>
/// <param name="Reference">What they should be.</param>
/// <param name="Bounds">The most each of ours may be off; NaN where a branch cannot be told, so that nothing is decided.</param>
/// <param name="At">What a number is of, as "x = 0.3".</param>
internal sealed record PointComparison(double[] Ours, double[]? Theirs, double[] Reference, double[] Bounds, Func<int, string> At)
{
    /// <summary>
    /// How far libtorch's may be from the reference for both to be the same function; null where the bounds say that too. Farther off,
    /// it is ours that is not PyTorch's.
    /// </summary>
    public Func<int, double>? Sameness { get; init; }

    /// <summary>The verdict of all numbers, and where the worst is.</summary>
    public Finding Judge(string area, string subject, string check)
    {
        var (ours, theirs) = (Worst(Ours), Theirs is null ? (Share: 0, At: 0) : Worst(Theirs));
        var stranger = Theirs is null || Sameness is null ? -1 : Array.FindIndex(Enumerable.Range(0, Theirs.Length).ToArray(), IsAnother);
        if (Bounds.Length > 0 && Array.TrueForAll(Bounds, double.IsNaN))
        {
            return new(area, subject, check, Verdict.Undecided, 0, $"every number is within rounding of a branch: {Words(0)}");
        }

        if (ours.Share > 1)
        {
            return new(area, subject, check, Verdict.OursWorse, ours.Share, Words(ours.At));
        }

        if (stranger >= 0)
        {
            return new(area, subject, check, Verdict.OursWorse, ours.Share, $"not PyTorch's function: {Words(stranger)}");
        }

        return theirs.Share > 1
            ? new(area, subject, check, Verdict.TheirsWorse, ours.Share, $"libtorch's is off by {Magnitude(theirs.Share)} the bound: {Words(theirs.At)}")
            : new(area, subject, check, Verdict.Agrees, ours.Share, Words(ours.At));
    }

    /// <summary>Where both are finite numbers and too far apart for two ways to compute the same.</summary>
    private bool IsAnother(int i) => double.IsFinite(Theirs![i]) && double.IsFinite(Reference[i]) && !(Math.Abs(Theirs[i] - Reference[i]) <= Sameness!(i));

    private (double Share, int At) Worst(double[] values)
    {
        var (share, at) = (0.0, 0);
        for (var i = 0; i < values.Length; i++)
        {
            var error = values[i].Equals(Reference[i]) ? 0 : Math.Abs(values[i] - Reference[i]);
            var of = error == 0 || double.IsNaN(Bounds[i]) ? 0 : error / Bounds[i];
            of = double.IsNaN(of) ? double.PositiveInfinity : of;
            (share, at) = of > share ? (of, i) : (share, at);
        }

        return (share, at);
    }

    private string Words(int i)
    {
        var theirs = Theirs is null ? "" : string.Create(CultureInfo.InvariantCulture, $"libtorch's {Theirs[i]:G9}, ");
        return string.Create(CultureInfo.InvariantCulture, $"{At(i)}: ours {Ours[i]:G9}, {theirs}reference {Reference[i]:G17}, bound {Bounds[i]:G3}");
    }

    private static string Magnitude(double share) => double.IsFinite(share) ? string.Create(CultureInfo.InvariantCulture, $"{share:G3} times") : "no multiple of";
}
