using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>Vectors of 128 bits.</summary>
internal readonly struct Simd128<T> : ISimd<Vector128<T>, T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static int Count => Vector128<T>.Count;

    public static int TileRows => 6;

    public static Vector128<T> Indices
    {
        [MethodImpl(AggressiveInlining)]
        get => Vector128<T>.Indices;
    }

    [MethodImpl(AggressiveInlining)] public static Vector128<T> Load(ref readonly T source) => Vector128.LoadUnsafe(in source);

    [MethodImpl(AggressiveInlining)] public static void Store(Vector128<T> x, ref T target) => x.StoreUnsafe(ref target);

    [MethodImpl(AggressiveInlining)] public static Vector128<T> Broadcast(T value) => Vector128.Create(value);

    [MethodImpl(AggressiveInlining)] public static Vector128<T> Add(Vector128<T> a, Vector128<T> b) => a + b;

    [MethodImpl(AggressiveInlining)] public static Vector128<T> Subtract(Vector128<T> a, Vector128<T> b) => a - b;

    [MethodImpl(AggressiveInlining)] public static Vector128<T> Multiply(Vector128<T> a, Vector128<T> b) => a * b;

    [MethodImpl(AggressiveInlining)] public static Vector128<T> Divide(Vector128<T> a, Vector128<T> b) => a / b;

    [MethodImpl(AggressiveInlining)]
    public static Vector128<T> MultiplyAdd(Vector128<T> a, Vector128<T> b, Vector128<T> c) => typeof(T) == typeof(float)
        ? Vector128.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Vector128.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    [MethodImpl(AggressiveInlining)] public static Vector128<T> Sqrt(Vector128<T> x) => Vector128.Sqrt(x);

    [MethodImpl(AggressiveInlining)]
    public static Vector128<T> IfGreater(Vector128<T> a, Vector128<T> b, Vector128<T> then, Vector128<T> otherwise)
        => Vector128.ConditionalSelect(Vector128.GreaterThan(a, b), then, otherwise);

    [MethodImpl(AggressiveInlining)] public static bool AnyGreater(Vector128<T> a, Vector128<T> b) => Vector128.GreaterThanAny(a, b);

    [MethodImpl(AggressiveInlining)] public static Vector128<T> BitAnd(Vector128<T> a, Vector128<T> b) => a & b;

    [MethodImpl(AggressiveInlining)] public static Vector128<T> BitOr(Vector128<T> a, Vector128<T> b) => a | b;

    [MethodImpl(AggressiveInlining)] public static Vector128<T> BitXor(Vector128<T> a, Vector128<T> b) => a ^ b;

    [MethodImpl(AggressiveInlining)]
    public static Vector128<T> BitAdd(Vector128<T> a, Vector128<T> b) => typeof(T) == typeof(float)
        ? (a.AsInt32() + b.AsInt32()).As<int, T>()
        : (a.AsInt64() + b.AsInt64()).As<long, T>();

    [MethodImpl(AggressiveInlining)]
    public static Vector128<T> BitShiftLeft(Vector128<T> x, int bits) => typeof(T) == typeof(float)
        ? (x.AsInt32() << bits).As<int, T>()
        : (x.AsInt64() << bits).As<long, T>();

    [MethodImpl(AggressiveInlining)]
    public static Vector128<T> BitShiftRight(Vector128<T> x, int bits) => typeof(T) == typeof(float)
        ? (x.AsInt32() >>> bits).As<int, T>()
        : (x.AsInt64() >>> bits).As<long, T>();

    [MethodImpl(AggressiveInlining)]
    public static T Fold<TF>(TF f, Vector128<T> x) where TF : struct, IFormula
    {
        var (a, b) = (new Lanes<T, T, Simd1<T>>(x[0]), new Lanes<T, T, Simd1<T>>(x[1]));
        return Count == 2 ? f.Of(a, b, b).Vector : f.Of(f.Of(a, new(x[2]), a), f.Of(b, new(x[3]), b), b).Vector;
    }
}
