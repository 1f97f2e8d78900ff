using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Audit.Bounds;

/// <summary>A number as a formula's textbook has it, in double, and which branches it came by.</summary>
/// <param name="Value">The value.</param>
/// <param name="Path">Tells apart, but for chance, values that were computed by different branches.</param>
internal readonly record struct Plain(double Value, ulong Path = 0) : IReal<Plain>, IElement<Plain>
{
    private const ulong Mixing = 0x9E3779B97F4A7C15;

#pragma warning disable CS1591 // Each member is the operation it is named after.
    public double Doubt => 0;

    public bool IsExact => true;

    public static Plain Load(BoundedMatrix matrix, int index) => new(matrix.Values[index]);

    public void Store(BoundedMatrix matrix, int index) => matrix.Values[index] = Value;

    public static Plain Off(Plain x, double error, double variance) => x;

    public static Plain Alone(Plain x) => x;

    public static Plain Following(Plain result, Plain[] of, Func<int, double> slope, Func<double, double> curvature) => result;

    public static Plain Common(Plain x, int times) => x;

    public static Plain SumOfProducts(ReadOnlySpan<Plain> a, ReadOnlySpan<Plain> b)
    {
        var sum = new Plain(0);
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    public static implicit operator Plain(double constant) => new(constant);

    public static Plain operator +(Plain a, Plain b) => new(a.Value + b.Value, Both(a, b));

    public static Plain operator -(Plain a, Plain b) => new(a.Value - b.Value, Both(a, b));

    public static Plain operator *(Plain a, Plain b) => new(a.Value * b.Value, Both(a, b));

    public static Plain operator /(Plain a, Plain b) => new(a.Value / b.Value, Both(a, b));

    public static Plain operator -(Plain x) => x with { Value = -x.Value };

    public static Plain MultiplyAdd(Plain a, Plain b, Plain c) => a * b + c;

    public static Plain Sqrt(Plain x) => x with { Value = Math.Sqrt(x.Value) };

    public static Plain Abs(Plain x) => IfPositive(x, x, x with { Value = Math.Abs(x.Value) });

    public static Plain Exp(Plain x) => x with { Value = Math.Exp(x.Value) };

    public static Plain Expm1(Plain x) => x with { Value = PlainFunctions.Expm1(x.Value) };

    public static Plain Log(Plain x) => x with { Value = Math.Log(x.Value) };

    public static Plain Log1p(Plain x) => x with { Value = PlainFunctions.Log1p(x.Value) };

    public static Plain Sigmoid(Plain x) => x with { Value = PlainFunctions.Sigmoid(x.Value) };

    public static Plain Tanh(Plain x) => x with { Value = Math.Tanh(x.Value) };

    public static Plain Erf(Plain x) => x with { Value = PlainFunctions.Erf(x.Value) };

    public static Plain Erfc(Plain x) => x with { Value = PlainFunctions.Erfc(x.Value) };

    public static Plain Sin(Plain x) => x with { Value = Math.Sin(x.Value) };

    public static Plain Cos(Plain x) => x with { Value = Math.Cos(x.Value) };

    [MethodImpl(AggressiveInlining)]
    public static Plain IfPositive(Plain x, Plain then, Plain otherwise)
    {
        var taken = x.Value > 0 ? then : otherwise;
        return taken with { Path = (Both(x, taken) + (x.Value > 0 ? 1UL : 2UL)) * Mixing };
    }
#pragma warning restore CS1591

    private static ulong Both(Plain a, Plain b) => a.Path + 31 * b.Path;
}
