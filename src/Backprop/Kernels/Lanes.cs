using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>A vector as the number of a formula: the reading that runs.</summary>
/// <param name="Vector">The lanes.</param>
internal readonly record struct Lanes<TV, T, TS>(TV Vector) : IReal<Lanes<TV, T, TS>>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    [MethodImpl(AggressiveInlining)] public static Lanes<TV, T, TS> Load(ref readonly T source) => new(TS.Load(in source));

    [MethodImpl(AggressiveInlining)] public void Store(ref T target) => TS.Store(Vector, ref target);

    [MethodImpl(AggressiveInlining)]
    public static implicit operator Lanes<TV, T, TS>(double constant) => new(Elementary<TV, T, TS>.Constant(constant));

    [MethodImpl(AggressiveInlining)]
    public static implicit operator Lanes<TV, T, TS>(Coefficient coefficient) => new(TS.Broadcast(
        typeof(T) == typeof(float) ? Unsafe.BitCast<float, T>(coefficient.Rounded) : Unsafe.BitCast<double, T>(coefficient.Value)));

    [MethodImpl(AggressiveInlining)]
    public static Lanes<TV, T, TS> operator +(Lanes<TV, T, TS> a, Lanes<TV, T, TS> b) => new(TS.Add(a.Vector, b.Vector));

    [MethodImpl(AggressiveInlining)]
    public static Lanes<TV, T, TS> operator -(Lanes<TV, T, TS> a, Lanes<TV, T, TS> b) => new(TS.Subtract(a.Vector, b.Vector));

    [MethodImpl(AggressiveInlining)]
    public static Lanes<TV, T, TS> operator *(Lanes<TV, T, TS> a, Lanes<TV, T, TS> b) => new(TS.Multiply(a.Vector, b.Vector));

    [MethodImpl(AggressiveInlining)]
    public static Lanes<TV, T, TS> operator /(Lanes<TV, T, TS> a, Lanes<TV, T, TS> b) => new(TS.Divide(a.Vector, b.Vector));

    [MethodImpl(AggressiveInlining)]
    public static Lanes<TV, T, TS> operator -(Lanes<TV, T, TS> x) => new(Elementary<TV, T, TS>.Negate(x.Vector));

    [MethodImpl(AggressiveInlining)]
    public static Lanes<TV, T, TS> MultiplyAdd(Lanes<TV, T, TS> a, Lanes<TV, T, TS> b, Lanes<TV, T, TS> c)
        => new(TS.MultiplyAdd(a.Vector, b.Vector, c.Vector));

    [MethodImpl(AggressiveInlining)] public static Lanes<TV, T, TS> Sqrt(Lanes<TV, T, TS> x) => new(TS.Sqrt(x.Vector));

    [MethodImpl(AggressiveInlining)] public static Lanes<TV, T, TS> Abs(Lanes<TV, T, TS> x) => new(Elementary<TV, T, TS>.Abs(x.Vector));

    [MethodImpl(AggressiveInlining)] public static Lanes<TV, T, TS> Exp(Lanes<TV, T, TS> x) => new(Elementary<TV, T, TS>.Exp(x.Vector));

    [MethodImpl(AggressiveInlining)]
    public static Lanes<TV, T, TS> Expm1(Lanes<TV, T, TS> x) => new(Elementary<TV, T, TS>.Expm1(x.Vector));

    [MethodImpl(AggressiveInlining)] public static Lanes<TV, T, TS> Log(Lanes<TV, T, TS> x) => new(Elementary<TV, T, TS>.Log(x.Vector));

    [MethodImpl(AggressiveInlining)]
    public static Lanes<TV, T, TS> Log1p(Lanes<TV, T, TS> x) => new(Elementary<TV, T, TS>.Log1p(x.Vector));

    [MethodImpl(AggressiveInlining)]
    public static Lanes<TV, T, TS> Sigmoid(Lanes<TV, T, TS> x) => new(Elementary<TV, T, TS>.Sigmoid(x.Vector));

    [MethodImpl(AggressiveInlining)]
    public static Lanes<TV, T, TS> Tanh(Lanes<TV, T, TS> x) => new(Elementary<TV, T, TS>.Tanh(x.Vector));

    [MethodImpl(AggressiveInlining)] public static Lanes<TV, T, TS> Erf(Lanes<TV, T, TS> x) => new(Elementary<TV, T, TS>.Erf(x.Vector));

    [MethodImpl(AggressiveInlining)]
    public static Lanes<TV, T, TS> Erfc(Lanes<TV, T, TS> x) => new(Elementary<TV, T, TS>.Erfc(x.Vector));

    [MethodImpl(AggressiveInlining)] public static Lanes<TV, T, TS> Sin(Lanes<TV, T, TS> x) => new(Elementary<TV, T, TS>.Sin(x.Vector));

    [MethodImpl(AggressiveInlining)] public static Lanes<TV, T, TS> Cos(Lanes<TV, T, TS> x) => new(Elementary<TV, T, TS>.Cos(x.Vector));

    [MethodImpl(AggressiveInlining)]
    public static Lanes<TV, T, TS> IfPositive(Lanes<TV, T, TS> x, Lanes<TV, T, TS> then, Lanes<TV, T, TS> otherwise)
        => new(TS.IfGreater(x.Vector, TS.Broadcast(T.Zero), then.Vector, otherwise.Vector));
}
