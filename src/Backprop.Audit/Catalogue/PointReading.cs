using Backprop.Audit.Bounds;
using Backprop.Formulas;

namespace Backprop.Audit;

/// <summary>What a formula gives of one number in double, and the most that rounding in some precision makes of it.</summary>
/// <param name="Read">The value with its error.</param>
internal readonly record struct PointReading(Bounded Read)
{
    /// <summary>The value.</summary>
    public double Value => Read.Value;

    /// <summary>Reads a formula.</summary>
    public static PointReading Of(double x, Func<Bounded, Bounded> formula) => new(formula(Exact(x)));

    /// <summary>Reads the derivative of a formula by dual numbers.</summary>
    public static PointReading Slope(double x, Func<Dual<Bounded>, Dual<Bounded>> formula) => new(formula(Dual<Bounded>.Variable(Exact(x))).Derivative);

    /// <summary>A number without an error.</summary>
    public static Bounded Exact(double x) => new(x, 0);

    /// <summary>The most a result may be off in a precision; NaN where a branch could be either.</summary>
    public double Bound(double unit) => Read.Doubt * unit >= 1 ? double.NaN : Read.Error * unit;
}
