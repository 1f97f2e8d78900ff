using Backprop.Formulas;
using Number = Backprop.Audit.Rounded<Backprop.Audit.Scalar<double>>;

namespace Backprop.Audit;

/// <summary>What a formula gives in double, and the most that rounding in some precision makes of it.</summary>
/// <param name="Value">The value.</param>
/// <param name="Error">The bound, in units of <see cref="Rounded{TX}.Unit"/>; NaN where a branch could be either.</param>
internal readonly record struct RoundedReading(double Value, double Error)
{
    /// <summary>Elementary functions are within 1 ulp, which is two units where the number is just above a power of 2.</summary>
    private const double UnitsOfAnUlp = 2;

    /// <summary>Reads a formula of one exact number.</summary>
    public static RoundedReading Of(double x, Func<Number, Number> formula) => Of(formula(Exact(x)));

    /// <summary>Reads the derivative of a formula by dual numbers.</summary>
    public static RoundedReading Slope(double x, Func<Dual<Number>, Dual<Number>> formula) => Of(formula(Dual<Number>.Variable(Exact(x))).Derivative);

    /// <summary>Takes a result apart.</summary>
    public static RoundedReading Of(Number result)
        => new(result.Value.Value, result.Open.Value > 0 ? double.NaN : UnitsOfAnUlp * result.Error.Value);

    /// <summary>A number without an error.</summary>
    public static Number Exact(double x) => new(new(x), 0);

    /// <summary>The most a result may be off in a precision.</summary>
    public double Bound(double unit) => Error * unit;
}
