namespace Backprop.Audit;

/// <summary>The slope of a function at a point along a line, from values of the function alone, and how far it may be off.</summary>
/// <remarks>
/// Central differences D(h) err by c h² + d h⁴ …: those of h, h/2 and h/4 together cancel c and d (Romberg's table), and what the last
/// column changes tells how good it is. A value that is off by ε puts D off by ε/h, so steps are halved until that outweighs what is left
/// of the curve. Where the slopes on both sides differ however short the step, there is a kink: any slope between them is right.
/// The jump is read off second differences over the step, s(h) = J + a h + b h² + c h³ …, of which b and J are 0 where there is no kink: t(h) =
/// 2 s(h/2) − s(h) is without a, and (8 t(h/2) − t(h)) / 7 without c. At a kink that leaves b h²/14, less than what it is from t(h/2), 3/56 b h²,
/// times 2: half of it, as of the jump, belongs to the bound.
/// </remarks>
/// <param name="Value">The slope.</param>
/// <param name="Bound">How far it may be off: truncation, rounding of the values, and half the jump at a kink.</param>
/// <param name="Jump">The difference of the slopes on both sides: 0 but for rounding unless the point is a kink.</param>
/// <param name="IsKink">Whether the jump is more than rounding explains.</param>
internal readonly record struct Slope(double Value, double Bound, double Jump, bool IsKink)
{
    private const int MostHalvings = 40;

    // A value is rounded where it is computed, and once more where it is weighed, also where no noise shows at the point itself, as at 0.
    private const double OwnRounding = 2 * Bounds.Bounded.Double;

    // What D errs by, in units of ε/h for the shortest step: Romberg's weights are 64/45, −20/45 and 1/45 of steps h, 2h and 4h. What the
    // jump errs by: second differences have four roundings, and its weights are 16/7 and −8/7 − 2/7 … of steps h and 2h.
    private const double SlopeRounding = 64 / 45.0 + 20 / 90.0 + 1 / 180.0, JumpRounding = 4 * (16 / 7.0 + 5 / 7.0 + 1 / 28.0);

    /// <summary>Nothing is known.</summary>
    public static Slope Unknown { get; } = new(double.NaN, double.PositiveInfinity, 0, false);

    /// <summary>The central difference D(h) of two values.</summary>
    /// <param name="right">The value at h.</param>
    /// <param name="left">The value at −h.</param>
    /// <param name="step">h.</param>
    public static double Central(double right, double left, double step) => (right - left) / (2 * step);

    /// <summary>From the central differences D(h) and D(h/2) alone, where values are dear.</summary>
    /// <remarks>
    /// (4 D(h/2) − D(h)) / 3 is the slope − d h⁴/4. D(h) and D(h/2) are ¾ c h² + 15/16 d h⁴ apart: more than that error, unless c and d cancel
    /// each other. Rounding puts D(h/2) off by twice as much as D(h): together (4 · 2 + 1) / 3 times.
    /// </remarks>
    /// <param name="longer">D(h).</param>
    /// <param name="shorter">D(h/2).</param>
    /// <param name="noise">How far rounding may put D(h) off.</param>
    public static Slope OfTwo(double longer, double shorter, double noise)
        => new(Extrapolated(longer, shorter), Math.Abs(shorter - longer) + 3 * noise, 0, false);

    /// <summary>Richardson's step: D(h) and D(h/2) without c.</summary>
    private static double Extrapolated(double longer, double shorter) => (4 * shorter - longer) / 3;

    /// <summary>Takes differences.</summary>
    /// <param name="value">The function's value at a distance along the line.</param>
    /// <param name="here">Its value at 0.</param>
    /// <param name="noise">How far a value may be off.</param>
    /// <param name="step">The first and longest step.</param>
    public static Slope Of(Func<double, double> value, double here, double noise, double step)
    {
        var (best, previous) = (Unknown, double.NaN);
        var (d, s, t, h) = (new double[3], new double[3], new double[2], step);
        for (var k = 0; k < MostHalvings; k++, h /= 2)
        {
            var (right, left) = (value(h), value(-h));
            var off = noise + OwnRounding * Math.Max(Math.Abs(right), Math.Abs(left));
            (d[0], d[1], d[2]) = (d[1], d[2], Central(right, left, h));
            (s[0], s[1], s[2]) = (s[1], s[2], (right - here - (here - left)) / h);
            (t[0], t[1]) = (t[1], 2 * s[2] - s[1]);
            if (k < 3)
            {
                previous = Romberg(d);
                continue;
            }

            var slope = Romberg(d);
            var (rounding, jumpRounding) = (SlopeRounding * off / h, JumpRounding * off / h);
            var jump = (8 * t[1] - t[0]) / 7;
            var truncation = Math.Max(Math.Abs(slope - Extrapolated(d[1], d[2])), Math.Abs(slope - previous));
            var curved = 2 * Math.Abs(jump - t[1]);
            var isKink = Math.Abs(jump) > 2 * jumpRounding + curved + 2 * truncation;
            var bound = truncation + rounding + (Math.Abs(jump) + (isKink ? curved : 0)) / 2;
            if (bound < best.Bound)
            {
                best = new(slope, bound, jump, isKink);
            }

            // Shorter steps only round more.
            if (rounding > best.Bound)
            {
                break;
            }

            previous = slope;
        }

        return best;
    }

    private static double Romberg(double[] d)
    {
        var (longer, shorter) = (Extrapolated(d[0], d[1]), Extrapolated(d[1], d[2]));
        return (16 * shorter - longer) / 15;
    }
}
