using Backprop.Formulas;

namespace Backprop.Audit;

/// <summary>Reads a formula for its rounding error: every operation adds the share it contributes in float32, to first order.</summary>
/// <remarks>Source: Higham, Accuracy and Stability of Numerical Algorithms, section 3.3, running error analysis.</remarks>
/// <typeparam name="TX">The numbers of all parts.</typeparam>
/// <param name="Value">The exact value.</param>
/// <param name="Error">A scale of its error, in units of <see cref="Unit"/>.</param>
/// <param name="Open">Above 0 where a branch lies so near its condition that float32 may take the other one, which differs.</param>
public readonly record struct Rounded<TX>(TX Value, TX Error, TX Open) : IReal<Rounded<TX>> where TX : IReal<TX>
{
    /// <summary>float32's unit roundoff, 2⁻²⁴.</summary>
    public const double Unit = 1.0 / (1 << 24);

    /// <summary>How many times its error a condition must be away from 0 to count as decided.</summary>
    public const double Margin = 4;

    /// <summary>float32's smallest normal number, 2⁻¹²⁶, in units: results below it lose their digits, or become 0.</summary>
    public const double Underflow = 1.1754943508222875e-38 / Unit;

    /// <summary>A number that comes with an error.</summary>
    public Rounded(TX value, TX error) : this(value, error, 0)
    {
    }

    // Beyond the range of numbers, as in 1 / e⁷¹⁰, an inherited error can be NaN: such results are 0 to both sides.
    private static Rounded<TX> Round(TX value, TX inherited, TX open)
        => new(value, TX.IfPositive(inherited, inherited, 0) + (TX.Abs(value) + Underflow), open);

    /// <summary>The error function's derivative, 2/√π e^−x².</summary>
    private static TX Bell(TX x) => 1.1283791670955126 * TX.Exp(-(x * x));

#pragma warning disable CS1591 // Each member propagates the error of the operation it is named after.
    public static implicit operator Rounded<TX>(double constant) => new(constant, constant == (float)constant ? 0 : Math.Abs(constant));

    public static Rounded<TX> operator +(Rounded<TX> a, Rounded<TX> b) => Round(a.Value + b.Value, a.Error + b.Error, a.Open + b.Open);

    public static Rounded<TX> operator -(Rounded<TX> a, Rounded<TX> b) => a + -b;

    public static Rounded<TX> operator *(Rounded<TX> a, Rounded<TX> b)
        => Round(a.Value * b.Value, TX.Abs(a.Value) * b.Error + TX.Abs(b.Value) * a.Error, a.Open + b.Open);

    public static Rounded<TX> operator /(Rounded<TX> a, Rounded<TX> b)
    {
        var quotient = a.Value / b.Value;
        return Round(quotient, (a.Error + TX.Abs(quotient) * b.Error) / TX.Abs(b.Value), a.Open + b.Open);
    }

    public static Rounded<TX> operator -(Rounded<TX> x) => x with { Value = -x.Value };

    public static Rounded<TX> MultiplyAdd(Rounded<TX> a, Rounded<TX> b, Rounded<TX> c) => a * b + c;

    public static Rounded<TX> Sqrt(Rounded<TX> x)
    {
        var root = TX.Sqrt(x.Value);
        return Round(root, TX.IfPositive(root, x.Error / (2 * root), 0), x.Open);
    }

    public static Rounded<TX> Abs(Rounded<TX> x) => x with { Value = TX.Abs(x.Value) };

    public static Rounded<TX> Exp(Rounded<TX> x)
    {
        var power = TX.Exp(x.Value);
        return Round(power, power * x.Error, x.Open);
    }

    public static Rounded<TX> Expm1(Rounded<TX> x) => Round(TX.Expm1(x.Value), TX.Exp(x.Value) * x.Error, x.Open);

    public static Rounded<TX> Log(Rounded<TX> x) => Round(TX.Log(x.Value), x.Error / TX.Abs(x.Value), x.Open);

    public static Rounded<TX> Log1p(Rounded<TX> x) => Round(TX.Log1p(x.Value), x.Error / TX.Abs(1 + x.Value), x.Open);

    public static Rounded<TX> Sigmoid(Rounded<TX> x)
    {
        var y = TX.Sigmoid(x.Value);
        return Round(y, y * TX.Sigmoid(-x.Value) * x.Error, x.Open);
    }

    public static Rounded<TX> Tanh(Rounded<TX> x)
    {
        var y = TX.Tanh(x.Value);
        return Round(y, (1 - y * y) * x.Error, x.Open);
    }

    public static Rounded<TX> Erf(Rounded<TX> x) => Round(TX.Erf(x.Value), Bell(x.Value) * x.Error, x.Open);

    public static Rounded<TX> Erfc(Rounded<TX> x) => Round(TX.Erfc(x.Value), Bell(x.Value) * x.Error, x.Open);

    public static Rounded<TX> Sin(Rounded<TX> x) => Round(TX.Sin(x.Value), TX.Abs(TX.Cos(x.Value)) * x.Error, x.Open);

    public static Rounded<TX> Cos(Rounded<TX> x) => Round(TX.Cos(x.Value), TX.Abs(TX.Sin(x.Value)) * x.Error, x.Open);

    // Near the condition either branch may be taken. Where they meet, as those of a continuous formula do, that is an error like others: no
    // more than the condition's margin, times a slope of at most 2. Where they do not, the branch is open.
    public static Rounded<TX> IfPositive(Rounded<TX> x, Rounded<TX> then, Rounded<TX> otherwise)
    {
        var near = TX.IfPositive(Margin * Unit * x.Error - TX.Abs(x.Value), 1, 0);
        var either = then.Error + otherwise.Error + 2 * Margin * x.Error;
        var apart = TX.IfPositive(TX.Abs(then.Value - otherwise.Value) - Unit * either, near, 0);
        return new(
            TX.IfPositive(x.Value, then.Value, otherwise.Value),
            TX.IfPositive(near, either, TX.IfPositive(x.Value, then.Error, otherwise.Error)),
            apart + x.Open + TX.IfPositive(x.Value, then.Open, otherwise.Open));
    }
#pragma warning restore CS1591
}
