namespace Backprop.Audit;

/// <summary>Where a formula of one number is looked at: a grid, powers of two of either sign, and both sides of each of its kinks.</summary>
/// <remarks>A kink lies where a formula, or its rule, takes another branch than nearby: found by halving what lies between two points.</remarks>
internal sealed class FormulaPoints
{
    // None is a fraction at which formulas usually have a kink.
    private static readonly double[] Grid =
    [
        .. Enumerable.Range(0, 80).Select(i => -7.93 + 0.2 * i),
        .. Enumerable.Range(-30, 37).SelectMany(power => new[] { Math.ScaleB(1.01, power), -Math.ScaleB(1.01, power) }),
    ];

    /// <summary>Looks for kinks.</summary>
    /// <param name="branches">The branches a formula and its rule take at a point.</param>
    public FormulaPoints(Func<double, (ulong Formula, ulong Rule)> branches)
    {
        double[] sorted = [.. Grid.Order()];
        var kinks = new List<double>();
        for (var i = 1; i < sorted.Length; i++)
        {
            foreach (var path in new Func<double, ulong>[] { x => branches(x).Formula, x => branches(x).Rule })
            {
                if (path(sorted[i - 1]) != path(sorted[i]))
                {
                    kinks.AddRange(Between(sorted[i - 1], sorted[i], path));
                }
            }
        }

        Kinks = [.. kinks.Distinct().Order()];
    }

    /// <summary>The last point before a branch turns, the first after it, and 0 between them.</summary>
    public IReadOnlyList<double> Kinks { get; }

    /// <summary>The points, those beside kinks among them, but none at one.</summary>
    /// <param name="closeness">How near kinks, relative to 1 or their size.</param>
    public double[] Beside(double closeness)
        => [.. Grid.Concat(Kinks.SelectMany(kink => new[] { Left(kink, closeness), Right(kink, closeness) })).Distinct().Order()];

    /// <summary>The point as near on the left.</summary>
    public static double Left(double kink, double closeness) => kink - closeness * Math.Max(1, Math.Abs(kink));

    /// <summary>The point as near on the right.</summary>
    public static double Right(double kink, double closeness) => kink + closeness * Math.Max(1, Math.Abs(kink));

    private static IEnumerable<double> Between(double left, double right, Func<double, ulong> path)
    {
        var before = path(left);
        for (var middle = left + (right - left) / 2; middle > left && middle < right; middle = left + (right - left) / 2)
        {
            (left, right) = path(middle) == before ? (middle, right) : (left, middle);
            // Numbers go on to denormal ones around 0.
            if (Math.Max(Math.Abs(left), Math.Abs(right)) < 1e-200)
            {
                return [0];
            }
        }

        return [left, right];
    }
}
