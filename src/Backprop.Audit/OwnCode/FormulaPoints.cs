using Backprop.Audit.Bounds;

namespace Backprop.Audit;

/// <summary>Where a formula of one number is looked at, and where it has kinks.</summary>
/// <remarks>A kink lies where a formula, or its rule, takes another branch than nearby: found by halving what lies between two points.</remarks>
internal sealed class FormulaPoints
{
    /// <summary>How near a kink one of its sides is looked at, relative to 1 or the kink's size.</summary>
    public const double Closeness = 1.0 / (1L << 40);

    // Every size from the smallest float to 1e30, and a dense middle.
    private static readonly double[] Offsets =
    [
        .. from size in (from power in Enumerable.Range(-149, 249)
                         from mantissa in power < -126 ? [1] : new[] { 1, 1.37, 1.81 }
                         select mantissa * Math.ScaleB(1, power)).Concat(Enumerable.Range(1, 800).Select(i => i * 0.0173))
           from x in new[] { size, -size }
           where Math.Abs(x) < 1e30
           select x,
    ];

    /// <summary>Chooses points.</summary>
    /// <param name="formula">The formula.</param>
    /// <param name="target">A loss's target, around which they lie.</param>
    /// <param name="farthest">How far points may be from it.</param>
    public FormulaPoints(AuditedFormula formula, double target, double farthest)
    {
        double[] around = [.. Offsets.Where(x => Math.Abs(x) <= farthest).Select(x => (double)(float)(target + x)).Distinct().Order()];
        Kinks =
        [
            .. new Func<double, ulong>[] { x => formula.Value<Plain>(x, target).Path, x => formula.Rule<Plain>(x, target).Path }
                .SelectMany(path => Turns(around, path)).Distinct().Order(),
        ];
        var corners = Kinks.Select(kink => (float)kink).ToHashSet();
        Points = [.. around.Concat(corners.SelectMany(Beside)).Where(x => !corners.Contains((float)x)).Distinct().Order()];
    }

    /// <summary>The last point before a branch turns, the first after it, and 0 between them.</summary>
    public IReadOnlyList<double> Kinks { get; }

    /// <summary>Floats of every size, and those next to kinks, but none at one.</summary>
    public IReadOnlyList<double> Points { get; }

    /// <summary>The point as near on the left as the sides of a kink are looked at.</summary>
    public static double Left(double kink) => kink - Closeness * Math.Max(1, Math.Abs(kink));

    /// <summary>The point as near on the right.</summary>
    public static double Right(double kink) => kink + Closeness * Math.Max(1, Math.Abs(kink));

    private static IEnumerable<double> Turns(double[] sorted, Func<double, ulong> path)
    {
        var paths = Array.ConvertAll(sorted, x => path(x));
        return Enumerable.Range(1, sorted.Length - 1).Where(i => paths[i - 1] != paths[i]).SelectMany(i => Between(sorted[i - 1], sorted[i], path));
    }

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

    private static IEnumerable<double> Beside(float corner)
    {
        var (below, above) = (corner, corner);
        for (var i = 0; i < 4; i++)
        {
            (below, above) = (MathF.BitDecrement(below), MathF.BitIncrement(above));
            yield return below;
            yield return above;
        }
    }
}
