using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>Vectors of 512 bits.</summary>
internal readonly struct Simd512<T> : ISimd<Vector512<T>, T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static int Count => Vector512<T>.Count;

    public static int TileRows => 8;

    public static Vector512<T> Indices
    {
        [MethodImpl(AggressiveInlining)]
        get => Vector512<T>.Indices;
    }

    [MethodImpl(AggressiveInlining)] public static Vector512<T> Load(ref readonly T source) => Vector512.LoadUnsafe(in source);

    [MethodImpl(AggressiveInlining)] public static void Store(Vector512<T> x, ref T target) => x.StoreUnsafe(ref target);

    [MethodImpl(AggressiveInlining)] public static Vector512<T> Broadcast(T value) => Vector512.Create(value);

    [MethodImpl(AggressiveInlining)] public static Vector512<T> Add(Vector512<T> a, Vector512<T> b) => a + b;

    [MethodImpl(AggressiveInlining)] public static Vector512<T> Subtract(Vector512<T> a, Vector512<T> b) => a - b;

    [MethodImpl(AggressiveInlining)] public static Vector512<T> Multiply(Vector512<T> a, Vector512<T> b) => a * b;

    [MethodImpl(AggressiveInlining)] public static Vector512<T> Divide(Vector512<T> a, Vector512<T> b) => a / b;

    [MethodImpl(AggressiveInlining)]
    public static Vector512<T> MultiplyAdd(Vector512<T> a, Vector512<T> b, Vector512<T> c) => typeof(T) == typeof(float)
        ? Vector512.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Vector512.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    [MethodImpl(AggressiveInlining)] public static Vector512<T> Sqrt(Vector512<T> x) => Vector512.Sqrt(x);

    [MethodImpl(AggressiveInlining)]
    public static Vector512<T> IfGreater(Vector512<T> a, Vector512<T> b, Vector512<T> then, Vector512<T> otherwise)
        => Vector512.ConditionalSelect(Vector512.GreaterThan(a, b), then, otherwise);

    [MethodImpl(AggressiveInlining)] public static bool AnyGreater(Vector512<T> a, Vector512<T> b) => Vector512.GreaterThanAny(a, b);

    [MethodImpl(AggressiveInlining)] public static Vector512<T> BitAnd(Vector512<T> a, Vector512<T> b) => a & b;

    [MethodImpl(AggressiveInlining)] public static Vector512<T> BitOr(Vector512<T> a, Vector512<T> b) => a | b;

    [MethodImpl(AggressiveInlining)] public static Vector512<T> BitXor(Vector512<T> a, Vector512<T> b) => a ^ b;

    [MethodImpl(AggressiveInlining)]
    public static Vector512<T> BitAdd(Vector512<T> a, Vector512<T> b) => typeof(T) == typeof(float)
        ? (a.AsInt32() + b.AsInt32()).As<int, T>()
        : (a.AsInt64() + b.AsInt64()).As<long, T>();

    [MethodImpl(AggressiveInlining)]
    public static Vector512<T> BitShiftLeft(Vector512<T> x, int bits) => typeof(T) == typeof(float)
        ? (x.AsInt32() << bits).As<int, T>()
        : (x.AsInt64() << bits).As<long, T>();

    [MethodImpl(AggressiveInlining)]
    public static Vector512<T> BitShiftRight(Vector512<T> x, int bits) => typeof(T) == typeof(float)
        ? (x.AsInt32() >>> bits).As<int, T>()
        : (x.AsInt64() >>> bits).As<long, T>();

    [MethodImpl(AggressiveInlining)]
    public static T Fold<TF>(TF f, Vector512<T> x) where TF : struct, IFormula
        => Simd256<T>.Fold(f, f.Of<Lanes<Vector256<T>, T, Simd256<T>>>(new(x.GetLower()), new(x.GetUpper()), default).Vector);
}
