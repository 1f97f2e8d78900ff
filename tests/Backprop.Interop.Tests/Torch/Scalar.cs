using System.Numerics;
using Backprop.Formulas;

namespace Backprop.Interop.Tests.Torch;

/// <summary>Reads a formula as plain .NET numbers.</summary>
public readonly record struct Scalar<T>(T Value) : IReal<Scalar<T>> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static implicit operator Scalar<T>(double constant) => new(T.CreateTruncating(constant));

    public static Scalar<T> operator +(Scalar<T> a, Scalar<T> b) => new(a.Value + b.Value);

    public static Scalar<T> operator -(Scalar<T> a, Scalar<T> b) => new(a.Value - b.Value);

    public static Scalar<T> operator *(Scalar<T> a, Scalar<T> b) => new(a.Value * b.Value);

    public static Scalar<T> operator /(Scalar<T> a, Scalar<T> b) => new(a.Value / b.Value);

    public static Scalar<T> operator -(Scalar<T> x) => new(-x.Value);

    public static Scalar<T> MultiplyAdd(Scalar<T> a, Scalar<T> b, Scalar<T> c) => new(T.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    public static Scalar<T> Sqrt(Scalar<T> x) => new(T.Sqrt(x.Value));

    public static Scalar<T> Abs(Scalar<T> x) => new(T.Abs(x.Value));

    public static Scalar<T> Exp(Scalar<T> x) => Round(Math.Exp(Wide(x)));

    public static Scalar<T> Log(Scalar<T> x) => Round(Math.Log(Wide(x)));

    public static Scalar<T> Sigmoid(Scalar<T> x) => Round(1 / (1 + Math.Exp(-Wide(x))));

    public static Scalar<T> Tanh(Scalar<T> x) => Round(Math.Tanh(Wide(x)));

    public static Scalar<T> Sin(Scalar<T> x) => Round(Math.Sin(Wide(x)));

    public static Scalar<T> Cos(Scalar<T> x) => Round(Math.Cos(Wide(x)));

    public static Scalar<T> Erf(Scalar<T> x) => Round(1 - Complement(Wide(x)));

    public static Scalar<T> Erfc(Scalar<T> x) => Round(Complement(Wide(x)));

    public static Scalar<T> IfPositive(Scalar<T> x, Scalar<T> then, Scalar<T> otherwise) => x.Value > T.Zero ? then : otherwise;

    /// <summary>Source: Kahan; what rounding 1 + x loses, the division restores. .NET's LogP1 just adds.</summary>
    public static Scalar<T> Log1p(Scalar<T> x)
    {
        var (value, sum) = (Wide(x), 1 + Wide(x));
        return Round(sum == 1 ? value : Math.Log(sum) * value / (sum - 1));
    }

    /// <summary>Source: Kahan; what rounding eˣ loses, the division by its logarithm restores.</summary>
    public static Scalar<T> Expm1(Scalar<T> x)
    {
        var (value, power) = (Wide(x), Math.Exp(Wide(x)));
        return Round(power == 1 ? value : power is 0 or double.PositiveInfinity ? power - 1 : (power - 1) * value / Math.Log(power));
    }

    /// <summary>Source: Abramowitz and Stegun, 7.1.6 near 0 and the continued fraction 7.1.14 beyond; to rounding, as 1 − erf.</summary>
    private static double Complement(double x)
    {
        var (square, bell) = (x * x, Math.Exp(-x * x) / Math.Sqrt(Math.PI));
        if (Math.Abs(x) < 2.5)
        {
            var (term, sum) = (x, x);
            for (var n = 1; n < 80; n++)
            {
                sum += term *= 2 * square / (2 * n + 1);
            }

            return 1 - 2 * bell * sum;
        }

        var fraction = Math.Abs(x);
        for (var n = 80; n > 0; n--)
        {
            fraction = Math.Abs(x) + n / 2.0 / fraction;
        }

        return x > 0 ? bell / fraction : 2 - bell / fraction;
    }

    private static double Wide(Scalar<T> x) => double.CreateTruncating(x.Value);

    private static Scalar<T> Round(double value) => new(T.CreateTruncating(value));
}
