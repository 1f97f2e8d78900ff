using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>Vectors of 256 bits.</summary>
internal readonly struct Simd256<T> : ISimd<Vector256<T>, T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static int Count => Vector256<T>.Count;

    public static int TileRows => 6;

    public static Vector256<T> Indices
    {
        [MethodImpl(AggressiveInlining)]
        get => Vector256<T>.Indices;
    }

    [MethodImpl(AggressiveInlining)] public static Vector256<T> Load(ref readonly T source) => Vector256.LoadUnsafe(in source);

    [MethodImpl(AggressiveInlining)] public static void Store(Vector256<T> x, ref T target) => x.StoreUnsafe(ref target);

    [MethodImpl(AggressiveInlining)] public static Vector256<T> Broadcast(T value) => Vector256.Create(value);

    [MethodImpl(AggressiveInlining)] public static Vector256<T> Add(Vector256<T> a, Vector256<T> b) => a + b;

    [MethodImpl(AggressiveInlining)] public static Vector256<T> Subtract(Vector256<T> a, Vector256<T> b) => a - b;

    [MethodImpl(AggressiveInlining)] public static Vector256<T> Multiply(Vector256<T> a, Vector256<T> b) => a * b;

    [MethodImpl(AggressiveInlining)] public static Vector256<T> Divide(Vector256<T> a, Vector256<T> b) => a / b;

    [MethodImpl(AggressiveInlining)]
    public static Vector256<T> MultiplyAdd(Vector256<T> a, Vector256<T> b, Vector256<T> c) => typeof(T) == typeof(float)
        ? Vector256.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Vector256.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    [MethodImpl(AggressiveInlining)] public static Vector256<T> Sqrt(Vector256<T> x) => Vector256.Sqrt(x);

    [MethodImpl(AggressiveInlining)]
    public static Vector256<T> IfGreater(Vector256<T> a, Vector256<T> b, Vector256<T> then, Vector256<T> otherwise)
        => Vector256.ConditionalSelect(Vector256.GreaterThan(a, b), then, otherwise);

    [MethodImpl(AggressiveInlining)] public static bool AnyGreater(Vector256<T> a, Vector256<T> b) => Vector256.GreaterThanAny(a, b);

    [MethodImpl(AggressiveInlining)] public static Vector256<T> BitAnd(Vector256<T> a, Vector256<T> b) => a & b;

    [MethodImpl(AggressiveInlining)] public static Vector256<T> BitOr(Vector256<T> a, Vector256<T> b) => a | b;

    [MethodImpl(AggressiveInlining)] public static Vector256<T> BitXor(Vector256<T> a, Vector256<T> b) => a ^ b;

    [MethodImpl(AggressiveInlining)]
    public static Vector256<T> BitAdd(Vector256<T> a, Vector256<T> b) => typeof(T) == typeof(float)
        ? (a.AsInt32() + b.AsInt32()).As<int, T>()
        : (a.AsInt64() + b.AsInt64()).As<long, T>();

    [MethodImpl(AggressiveInlining)]
    public static Vector256<T> BitShiftLeft(Vector256<T> x, int bits) => typeof(T) == typeof(float)
        ? (x.AsInt32() << bits).As<int, T>()
        : (x.AsInt64() << bits).As<long, T>();

    [MethodImpl(AggressiveInlining)]
    public static Vector256<T> BitShiftRight(Vector256<T> x, int bits) => typeof(T) == typeof(float)
        ? (x.AsInt32() >>> bits).As<int, T>()
        : (x.AsInt64() >>> bits).As<long, T>();

    [MethodImpl(AggressiveInlining)]
    public static T Fold<TF>(TF f, Vector256<T> x) where TF : struct, IFormula
        => Simd128<T>.Fold(f, f.Of<Lanes<Vector128<T>, T, Simd128<T>>>(new(x.GetLower()), new(x.GetUpper()), default).Vector);
}
