namespace Backprop.Audit;

/// <summary>Where functions of one number are tried.</summary>
internal static class Points
{
    /// <summary>Numbers at which formulas of the catalogue have kinks, if not at their own parameters: there the conventions are looked at instead.</summary>
    private static readonly double[] Kinks = [0, 0.5, 1, 3, 6];

    /// <summary>Every size from the smallest float to 1e30, a dense middle, and the numbers next to kinks; no kink itself. All are floats.</summary>
    /// <param name="kinks">More kinks; their negatives count too.</param>
    public static double[] Around(params IEnumerable<double> kinks)
    {
        double[] corners = [.. Kinks.Concat(kinks).SelectMany(k => new[] { (float)k, -(float)k }).Distinct()];
        var sizes = from power in Enumerable.Range(-149, 249)
                    from mantissa in power < -126 ? [1] : new[] { 1, 1.37, 1.81 }
                    select mantissa * Math.ScaleB(1, power);
        var middle = Enumerable.Range(1, 800).Select(i => i * 0.0173);
        var beside = corners.SelectMany(Beside);
        return [.. sizes.Concat(middle).SelectMany(x => new[] { x, -x }).Concat(beside).Select(x => (double)(float)x)
            .Where(x => x is > -1e30 and < 1e30 && !corners.Contains(x)).Distinct().Order()];
    }

    private static IEnumerable<double> Beside(double corner)
    {
        var (below, above) = ((float)corner, (float)corner);
        for (var i = 0; i < 4; i++)
        {
            (below, above) = (MathF.BitDecrement(below), MathF.BitIncrement(above));
            yield return below;
            yield return above;
        }
    }
}
