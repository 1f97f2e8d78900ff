using Backprop.Formulas;
using Number = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Interop.Tests.Properties;

/// <summary>Reads a formula for how far rounding may carry its value: every operation adds its share, to first order.</summary>
/// <remarks>
/// Running error analysis: Higham (2002), Accuracy and Stability of Numerical Algorithms, section 3.3. It is in double, so that the same
/// figures serve a computation in float and one in double: only the unit differs.
/// </remarks>
/// <param name="Value">The value.</param>
/// <param name="Error">How far it may be off, in units of roundoff: 2⁻⁵³ for double, 2⁻²⁴ for float.</param>
/// <param name="Doubt">The error of a branch's condition relative to its distance from 0, in the same units: that of the most doubtful branch taken.</param>
internal readonly record struct Erring(double Value, double Error, double Doubt = 0) : IReal<Erring>
{
    // Elementary functions of either library are off by up to 2 units in the last place, each of up to 2 roundoffs.
    public const double Function = 4;

    private const double SmallestNormal = 2.2250738585072014e-308;

    // Below the smallest normal number digits are lost, but what is 0 without error stays so; 0 · ∞ of a slope beyond the range is no error.
    private static Erring Of(double value, double inherited, double doubt, double own = 1)
        => new(value, value == 0 && inherited == 0 ? 0 : (double.IsNaN(inherited) ? 0 : inherited) + own * Math.Abs(value) + SmallestNormal, doubt);

    private static Erring Of(Number value, double slope, Erring x, double own = Function) => Of(value.Vector, Math.Abs(slope) * x.Error, x.Doubt, own);

    /// <summary>To second order, at float's roundoff: where a and b are both 0 but for rounding, the first is 0.</summary>
    public static double ErrorOfProduct(in Erring a, in Erring b) => Math.Abs(a.Value) * b.Error + Math.Abs(b.Value) * a.Error + Roundings.Float * a.Error * b.Error;

    private static double Either(Erring a, Erring b) => Math.Max(a.Doubt, b.Doubt);

    private static double Bell(double x) => 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x);

    public static implicit operator Erring(double constant) => new(constant, 0);

    public static Erring operator +(Erring a, Erring b) => Of(a.Value + b.Value, a.Error + b.Error, Either(a, b));

    public static Erring operator -(Erring a, Erring b) => a + -b;

    public static Erring operator *(Erring a, Erring b) => Of(a.Value * b.Value, ErrorOfProduct(a, b), Either(a, b));

    public static Erring operator /(Erring a, Erring b)
    {
        var quotient = a.Value / b.Value;
        return Of(quotient, (a.Error + Math.Abs(quotient) * b.Error) / Math.Abs(b.Value), Either(a, b));
    }

    public static Erring operator -(Erring x) => x with { Value = -x.Value };

    public static Erring MultiplyAdd(Erring a, Erring b, Erring c) => a * b + c;

    public static Erring Sqrt(Erring x) => Of(Math.Sqrt(x.Value), x.Error / (2 * Math.Sqrt(x.Value)), x.Doubt);

    public static Erring Abs(Erring x) => x with { Value = Math.Abs(x.Value) };

    public static Erring Exp(Erring x) => Of(Number.Exp(x.Value), Math.Exp(x.Value), x);

    public static Erring Expm1(Erring x) => Of(Number.Expm1(x.Value), Math.Exp(x.Value), x);

    public static Erring Log(Erring x) => Of(Number.Log(x.Value), 1 / x.Value, x);

    public static Erring Log1p(Erring x) => Of(Number.Log1p(x.Value), 1 / (1 + x.Value), x);

    /// <summary>As exact as 1 − y, by which PyTorch differentiates, however small y is.</summary>
    public static Erring Sigmoid(Erring x)
    {
        var y = Number.Sigmoid(x.Value).Vector;
        return new(y, y * (1 - y) * x.Error + Function, x.Doubt);
    }

    public static Erring Tanh(Erring x)
    {
        var y = Number.Tanh(x.Value);
        return Of(y, 1 - y.Vector * y.Vector, x);
    }

    public static Erring Erf(Erring x) => Of(Number.Erf(x.Value), Bell(x.Value), x);

    public static Erring Erfc(Erring x) => Of(Number.Erfc(x.Value), Bell(x.Value), x);

    public static Erring Sin(Erring x) => Of(Number.Sin(x.Value), Math.Cos(x.Value), x);

    public static Erring Cos(Erring x) => Of(Number.Cos(x.Value), Math.Sin(x.Value), x);

    /// <summary>A condition that is exactly 0 and without error, as that of a unit at rest, is decided: both libraries take the same side.</summary>
    public static Erring IfPositive(Erring x, Erring then, Erring otherwise)
    {
        var taken = x.Value > 0 ? then : otherwise;
        var doubt = x.Error == 0 || then == otherwise ? 0 : x.Error / Math.Abs(x.Value);
        return taken with { Doubt = Math.Max(Math.Max(x.Doubt, taken.Doubt), doubt) };
    }
}
