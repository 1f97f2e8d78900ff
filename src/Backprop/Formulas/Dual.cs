namespace Backprop.Formulas;

/// <summary>A value and its derivative, carried through a formula together: forward-mode differentiation, exact to rounding.</summary>
/// <remarks>Nested, <c>Dual&lt;Dual&lt;TX&gt;&gt;</c> carries second derivatives. Source: Griewank and Walther, Evaluating Derivatives, chapter 3.</remarks>
/// <typeparam name="TX">The numbers of both parts.</typeparam>
/// <param name="Value">The value.</param>
/// <param name="Derivative">Its derivative.</param>
public readonly record struct Dual<TX>(TX Value, TX Derivative) : IReal<Dual<TX>> where TX : IReal<TX>
{
    private const double TwoOverRootPi = 1.1283791670955126;

    /// <summary>The variable itself: derivative 1.</summary>
    public static Dual<TX> Variable(TX value) => new(value, 1);

#pragma warning disable CS1591 // Each member is the differentiation rule of the operation it is named after.
    public static implicit operator Dual<TX>(double constant) => new(constant, 0);

    public static Dual<TX> operator +(Dual<TX> a, Dual<TX> b) => new(a.Value + b.Value, a.Derivative + b.Derivative);

    public static Dual<TX> operator -(Dual<TX> a, Dual<TX> b) => new(a.Value - b.Value, a.Derivative - b.Derivative);

    public static Dual<TX> operator *(Dual<TX> a, Dual<TX> b)
        => new(a.Value * b.Value, a.Derivative * b.Value + a.Value * b.Derivative);

    public static Dual<TX> operator /(Dual<TX> a, Dual<TX> b)
    {
        var quotient = a.Value / b.Value;
        return new(quotient, (a.Derivative - quotient * b.Derivative) / b.Value);
    }

    public static Dual<TX> operator -(Dual<TX> x) => new(-x.Value, -x.Derivative);

    public static Dual<TX> MultiplyAdd(Dual<TX> a, Dual<TX> b, Dual<TX> c)
        => new(TX.MultiplyAdd(a.Value, b.Value, c.Value), a.Derivative * b.Value + a.Value * b.Derivative + c.Derivative);

    public static Dual<TX> Sqrt(Dual<TX> x)
    {
        var root = TX.Sqrt(x.Value);
        return new(root, x.Derivative / (2 * root));
    }

    public static Dual<TX> Abs(Dual<TX> x)
        => new(TX.Abs(x.Value), TX.IfPositive(x.Value, x.Derivative, TX.IfPositive(-x.Value, -x.Derivative, 0)));

    public static Dual<TX> Exp(Dual<TX> x)
    {
        var power = TX.Exp(x.Value);
        return new(power, power * x.Derivative);
    }

    public static Dual<TX> Expm1(Dual<TX> x) => new(TX.Expm1(x.Value), TX.Exp(x.Value) * x.Derivative);

    public static Dual<TX> Log(Dual<TX> x) => new(TX.Log(x.Value), x.Derivative / x.Value);

    public static Dual<TX> Log1p(Dual<TX> x) => new(TX.Log1p(x.Value), x.Derivative / (1 + x.Value));

    public static Dual<TX> Sigmoid(Dual<TX> x)
    {
        var y = TX.Sigmoid(x.Value);
        return new(y, y * TX.Sigmoid(-x.Value) * x.Derivative);
    }

    public static Dual<TX> Tanh(Dual<TX> x)
    {
        var y = TX.Tanh(x.Value);
        return new(y, (1 - y) * (1 + y) * x.Derivative);
    }

    public static Dual<TX> Erf(Dual<TX> x) => new(TX.Erf(x.Value), TwoOverRootPi * TX.Exp(-(x.Value * x.Value)) * x.Derivative);

    public static Dual<TX> Erfc(Dual<TX> x) => new(TX.Erfc(x.Value), -TwoOverRootPi * TX.Exp(-(x.Value * x.Value)) * x.Derivative);

    public static Dual<TX> Sin(Dual<TX> x) => new(TX.Sin(x.Value), TX.Cos(x.Value) * x.Derivative);

    public static Dual<TX> Cos(Dual<TX> x) => new(TX.Cos(x.Value), -TX.Sin(x.Value) * x.Derivative);

    public static Dual<TX> IfPositive(Dual<TX> x, Dual<TX> then, Dual<TX> otherwise)
        => new(TX.IfPositive(x.Value, then.Value, otherwise.Value), TX.IfPositive(x.Value, then.Derivative, otherwise.Derivative));
#pragma warning restore CS1591
}
