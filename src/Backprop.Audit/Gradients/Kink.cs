using Backprop.Audit.Bounds;

namespace Backprop.Audit;

/// <summary>A number so near a point where a derivative jumps that rounding may put it on the other side.</summary>
/// <param name="Place">The number: a unit's sum, an output.</param>
/// <param name="Row">Its row.</param>
/// <param name="Column">Its column.</param>
/// <param name="Value">The number.</param>
/// <param name="Margin">How far rounding in float may carry it.</param>
/// <param name="Deviation">How far it usually does: one standard deviation.</param>
/// <param name="Others">The nearest numbers with other derivatives: beyond the kink, and on it where that is a side of its own.</param>
internal sealed record Kink(Place Place, int Row, int Column, double Value, double Margin, double Deviation, IReadOnlyList<Side> Others)
{
    // Where roundings are independent, one number in 10⁹ is carried farther.
    private const double Usual = 6;

    /// <summary>The distance to the kink.</summary>
    public double Distance => Others.Min(other => Math.Abs(other.Number - Value));

    /// <summary>Whether it would be no surprise on the other side.</summary>
    public bool IsOpen => Distance <= Usual * Deviation;
}

/// <summary>A number with another derivative, beside a kink.</summary>
/// <param name="Number">The number.</param>
/// <param name="IsKink">Whether it is the kink itself, whose derivative is neither side's.</param>
internal readonly record struct Side(double Number, bool IsKink);
