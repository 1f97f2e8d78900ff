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

    public static Scalar<T> Tanh(Scalar<T> x) => Round(Math.Tanh(Wide(x)));

    public static Scalar<T> IfPositive(Scalar<T> x, Scalar<T> then, Scalar<T> otherwise) => x.Value > T.Zero ? then : otherwise;

    /// <summary>Source: Kahan; what rounding 1 + x loses, the division restores. .NET's LogP1 just adds.</summary>
    public static Scalar<T> Log1p(Scalar<T> x)
    {
        var (value, sum) = (Wide(x), 1 + Wide(x));
        return Round(sum == 1 ? value : Math.Log(sum) * value / (sum - 1));
    }

    private static double Wide(Scalar<T> x) => double.CreateTruncating(x.Value);

    private static Scalar<T> Round(double value) => new(T.CreateTruncating(value));
}
