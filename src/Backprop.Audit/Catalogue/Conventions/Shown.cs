using System.Globalization;

namespace Backprop.Audit;

/// <summary>Numbers of both sides at one point, as a convention shows them.</summary>
internal static class Shown
{
    private const double Roundings = 32;

    /// <summary>The convention of some numbers; numbers that differ by rounding are the same, and then shown as PyTorch's.</summary>
    /// <param name="subject">What is looked at.</param>
    /// <param name="at">Where.</param>
    /// <param name="names">What each number is, such as "y"; the sign of a 0 counts if it is that.</param>
    /// <param name="torch">PyTorch's numbers.</param>
    /// <param name="ours">Ours.</param>
    /// <param name="unit">The roundoff of the precision they were computed in.</param>
    public static Convention Of(string subject, string at, string[] names, double[] torch, double[] ours, double unit = Bounds.Bounded.Double)
    {
        var same = Enumerable.Range(0, torch.Length).Select(i => Same(torch[i], ours[i], unit, names[i] == "y")).ToArray();
        return new(subject, at, Text(names, torch), Text(names, [.. ours.Select((x, i) => same[i] ? torch[i] : x)]), Deviations.Reason(subject, at));
    }

    /// <summary>The same point in both precisions: one convention, or two where they differ.</summary>
    public static IEnumerable<Convention> InBoth(string subject, string at, Func<Type, string, Convention> make)
    {
        var (single, wide) = (make(typeof(float), at), make(typeof(double), at));
        return single == wide ? [single] : [make(typeof(float), $"{at} in float"), make(typeof(double), $"{at} in double")];
    }

    /// <summary>A point's coordinate.</summary>
    public static string Number(double x) => x == 0 && double.IsNegative(x) ? "-0"
        : double.IsPositiveInfinity(x) ? "∞" : double.IsNegativeInfinity(x) ? "-∞" : x.ToString("G6", CultureInfo.InvariantCulture);

    private static bool Same(double torch, double ours, double unit, bool signOfZero)
        => (torch.Equals(ours) || (double.IsFinite(torch) && Math.Abs(torch - ours) <= Roundings * unit * Math.Max(1, Math.Abs(torch))))
            && !(signOfZero && torch == 0 && ours == 0 && double.IsNegative(torch) != double.IsNegative(ours));

    private static string Text(string[] names, double[] values) => string.Join(", ", names.Zip(values, (name, x) => $"{name} {Number(x)}"));
}
