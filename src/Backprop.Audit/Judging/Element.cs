namespace Backprop.Audit;

/// <summary>How findings word one number of a tensor: where it is, ours, theirs, the reference, and how far off it may be.</summary>
internal static class Element
{
    /// <summary>Its name, as <c>0.weight [3, 17]</c>.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="index">Its index, row-major.</param>
    /// <param name="columns">The tensor's columns.</param>
    public static string NameOf(string tensor, int index, int columns) => At(tensor, index / columns, index % columns);

    /// <summary>The same of a row and a column.</summary>
    public static string At(string tensor, int row, int column) => $"{tensor} [{row}, {column}]";

    /// <summary>The sentence.</summary>
    /// <param name="place">Its name, or another place, as "x = 0.3".</param>
    /// <param name="ours">Ours; null where there is none.</param>
    /// <param name="theirName">Who theirs is.</param>
    /// <param name="theirs">Theirs; null where there is none.</param>
    /// <param name="reference">What it is held to, and what that is; null where theirs is.</param>
    /// <param name="bound">How far off it may be.</param>
    public static string Words(string place, double? ours, string theirName, double? theirs, (string Name, double Value)? reference, double bound)
        => FormattableString.Invariant($"{place}: ours {Word(ours)}, theirs {(theirs is null ? "" : $"({theirName}) ")}{Word(theirs)}, ")
            + FormattableString.Invariant($"{(reference is { } of ? $"reference ({of.Name}) {Word(of.Value)}, " : "")}bound {bound:G3}");

    /// <summary>
    /// The sentence of a tensor's worst element, and how far the whole tensor is off: theirs where they are worse, or are audited and ours is
    /// not worse; else ours.
    /// </summary>
    /// <param name="t">The tensor.</param>
    /// <param name="audited">Whose code is audited.</param>
    /// <param name="theirName">Who theirs is.</param>
    public static string Words(TensorAgreement t, Party audited = Party.Ours, string theirName = "libtorch")
    {
        var isTheirs = t.Verdict == Verdict.TheirsWorse || (audited == Party.Theirs && t.Verdict != Verdict.OursWorse);
        var (element, limit) = isTheirs && t.TorchWorst is { } theirs
            ? (Words(t.Name, theirs, theirName), t.TorchLimit ?? t.Limit)
            : (Words(
                At(t.Name, t.WorstRow, t.WorstColumn), t.WorstOurs, theirName, t.WorstTorch,
                ("float64", t.WorstReference), t.WorstBound), t.Limit);
        return element
            + FormattableString.Invariant($"; of the tensor's norm, ours is off by {t.OursError:G3}, ")
            + (t.TorchError is null ? "" : FormattableString.Invariant($"theirs by {t.TorchError:G3}, "))
            + FormattableString.Invariant($"bound {limit:G3}; in double, {Shares(t.DoubleShare, t.TorchDoubleShare, t.DifferenceShare)}")
            + (t.IsSampled ? "; bounds are those of samples of float arithmetic" : "")
            + (t.Verdict == Verdict.Agrees || t.Reference is null ? "" : $". {t.Reference.TrimEnd('.')}");
    }

    private static string Words(string tensor, ElementAgreement at, string theirName)
        => Words(At(tensor, at.Row, at.Column), at.Ours, theirName, at.Torch, ("float64", at.Reference), at.Bound);

    private static string Shares(double ours, double? theirs, double? differences)
        => FormattableString.Invariant($"ours is at {ours:G3} of its bound")
            + (theirs is null ? "" : FormattableString.Invariant($", theirs at {theirs:G3}"))
            + (differences is null ? "" : FormattableString.Invariant($", differences at {differences:G3}"));

    /// <summary>A number, to the last bit.</summary>
    public static string Word(double? number) => number is { } known ? Word(known, "R") : "none";

    /// <summary>A number, to six digits.</summary>
    public static string Short(double number) => Word(number, "G6");

    private static string Word(double number, string digits) => double.IsPositiveInfinity(number) ? "∞" : double.IsNegativeInfinity(number) ? "-∞"
        : number.ToString(digits, System.Globalization.CultureInfo.InvariantCulture);
}
