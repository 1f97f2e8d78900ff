using System.Numerics;
using Backprop.Formulas;
using Backprop.Kernels;

namespace Backprop.Export;

/// <summary>C# source as the number of a formula: the formula becomes statements that give the engine's bits.</summary>
/// <remarks>Elementary functions are calls; the source holds the engine's own, see <see cref="CodeSimd{T}"/>.</remarks>
internal readonly record struct CSharp<T>(Code<T> Code) : IReal<CSharp<T>> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static implicit operator CSharp<T>(double constant) => new(new Code<T>(T.CreateTruncating(constant)));

    public static CSharp<T> operator +(CSharp<T> a, CSharp<T> b) => new(CodeSimd<T>.Add(a.Code, b.Code));

    public static CSharp<T> operator -(CSharp<T> a, CSharp<T> b) => new(CodeSimd<T>.Subtract(a.Code, b.Code));

    public static CSharp<T> operator *(CSharp<T> a, CSharp<T> b) => new(CodeSimd<T>.Multiply(a.Code, b.Code));

    public static CSharp<T> operator /(CSharp<T> a, CSharp<T> b) => new(CodeSimd<T>.Divide(a.Code, b.Code));

    public static CSharp<T> operator -(CSharp<T> x) => new(x.Code.Method?.Let($"-{x.Code.Text}") ?? new(-x.Code.Number));

    public static CSharp<T> MultiplyAdd(CSharp<T> a, CSharp<T> b, CSharp<T> c) => new(CodeSimd<T>.MultiplyAdd(a.Code, b.Code, c.Code));

    public static CSharp<T> Sqrt(CSharp<T> x) => new(CodeSimd<T>.Sqrt(x.Code));

    public static CSharp<T> Abs(CSharp<T> x) => new(x.Code.Method?.Let($"{Code<T>.Functions}.Abs({x.Code.Text})") ?? new(T.Abs(x.Code.Number)));

    public static CSharp<T> Exp(CSharp<T> x) => Call(new Primitives.Exp(), x);

    public static CSharp<T> Expm1(CSharp<T> x) => Call(new Primitives.Expm1(), x);

    public static CSharp<T> Log(CSharp<T> x) => Call(new Primitives.Log(), x);

    public static CSharp<T> Log1p(CSharp<T> x) => Call(new Primitives.Log1p(), x);

    public static CSharp<T> Sigmoid(CSharp<T> x) => Call(new Primitives.Sigmoid(), x);

    public static CSharp<T> Tanh(CSharp<T> x) => Call(new Primitives.Tanh(), x);

    public static CSharp<T> Erf(CSharp<T> x) => Call(new Primitives.Erf(), x);

    public static CSharp<T> Erfc(CSharp<T> x) => Call(new Primitives.Erfc(), x);

    public static CSharp<T> Sin(CSharp<T> x) => Call(new Primitives.Sin(), x);

    public static CSharp<T> Cos(CSharp<T> x) => Call(new Primitives.Cos(), x);

    public static CSharp<T> IfPositive(CSharp<T> x, CSharp<T> then, CSharp<T> otherwise)
        => new(CodeSimd<T>.IfGreater(x.Code, new(T.Zero), then.Code, otherwise.Code));

    private static CSharp<T> Call<TF>(TF f, CSharp<T> x) where TF : struct, IFormula
    {
        Lanes<T, T, Simd1<T>> number = new(x.Code.Number);
        return new(x.Code.Method?.Call(typeof(TF).Name, x.Code) ?? new(f.Of(number, number, number).Vector));
    }
}
