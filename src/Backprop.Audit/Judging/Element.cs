namespace Backprop.Audit;

/// <summary>How findings word one number of a tensor: where it is, ours, theirs, the reference, and how far off it may be.</summary>
internal static class Element
{
    /// <summary>Its name, as <c>0.weight [3, 17]</c>.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="index">Its index, row-major.</param>
    /// <param name="columns">The tensor's columns.</param>
    public static string NameOf(string tensor, int index, int columns) => $"{tensor} [{index / columns}, {index % columns}]";

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

    /// <summary>The sentence of a tensor's worst element, and how far the whole tensor is off.</summary>
    /// <param name="t">The tensor.</param>
    /// <param name="theirName">Who theirs is.</param>
    public static string Words(TensorAgreement t, string theirName = "libtorch")
    {
        var bound = t.WorstShare == 0 ? 0 : Math.Abs(t.WorstOurs - t.WorstReference) / t.WorstShare;
        var place = NameOf(t.Name, t.WorstRow * t.Columns + t.WorstColumn, t.Columns);
        double? theirs = double.IsNaN(t.TorchError) ? null : t.WorstTorch;
        return Words(place, t.WorstOurs, theirName, theirs, ("float64", t.WorstReference), bound)
            + FormattableString.Invariant($"; of the tensor's norm, ours is off by {t.OursError:G3}")
            + (theirs is null ? "" : FormattableString.Invariant($", theirs by {t.TorchError:G3}")) + FormattableString.Invariant($", bound {t.Limit:G3}");
    }

    /// <summary>A number, to the last bit.</summary>
    public static string Word(double? number) => number is { } known ? Word(known, "R") : "none";

    /// <summary>A number, to six digits.</summary>
    public static string Short(double number) => Word(number, "G6");

    private static string Word(double number, string digits) => double.IsPositiveInfinity(number) ? "∞" : double.IsNegativeInfinity(number) ? "-∞"
        : number.ToString(digits, System.Globalization.CultureInfo.InvariantCulture);

}
