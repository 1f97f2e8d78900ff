using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>Scalar code: vectors of one number.</summary>
internal readonly struct Simd1<T> : ISimd<T, T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static int Count => 1;

    public static int TileRows => 4;

    public static T Indices => T.Zero;

    [MethodImpl(AggressiveInlining)] public static T Load(ref readonly T source) => source;

    [MethodImpl(AggressiveInlining)] public static void Store(T x, ref T target) => target = x;

    [MethodImpl(AggressiveInlining)] public static T Broadcast(T value) => value;

    [MethodImpl(AggressiveInlining)] public static T Add(T a, T b) => a + b;

    [MethodImpl(AggressiveInlining)] public static T Subtract(T a, T b) => a - b;

    [MethodImpl(AggressiveInlining)] public static T Multiply(T a, T b) => a * b;

    [MethodImpl(AggressiveInlining)] public static T Divide(T a, T b) => a / b;

    [MethodImpl(AggressiveInlining)] public static T MultiplyAdd(T a, T b, T c) => T.FusedMultiplyAdd(a, b, c);

    [MethodImpl(AggressiveInlining)] public static T Sqrt(T x) => T.Sqrt(x);

    [MethodImpl(AggressiveInlining)] public static T IfGreater(T a, T b, T then, T otherwise) => a > b ? then : otherwise;

    [MethodImpl(AggressiveInlining)] public static bool AnyGreater(T a, T b) => a > b;

    [MethodImpl(AggressiveInlining)] public static T BitAnd(T a, T b) => FromBits(Bits(a) & Bits(b));

    [MethodImpl(AggressiveInlining)] public static T BitOr(T a, T b) => FromBits(Bits(a) | Bits(b));

    [MethodImpl(AggressiveInlining)] public static T BitXor(T a, T b) => FromBits(Bits(a) ^ Bits(b));

    [MethodImpl(AggressiveInlining)] public static T BitAdd(T a, T b) => FromBits(Bits(a) + Bits(b));

    [MethodImpl(AggressiveInlining)] public static T BitShiftLeft(T x, int bits) => FromBits(Bits(x) << bits);

    [MethodImpl(AggressiveInlining)] public static T BitShiftRight(T x, int bits) => FromBits(Bits(x) >> bits);

    [MethodImpl(AggressiveInlining)] public static T Fold<TF>(TF f, T x) where TF : struct, IFormula => x;

    [MethodImpl(AggressiveInlining)]
    private static ulong Bits(T x) => typeof(T) == typeof(float) ? Unsafe.BitCast<T, uint>(x) : Unsafe.BitCast<T, ulong>(x);

    [MethodImpl(AggressiveInlining)]
    private static T FromBits(ulong bits) => typeof(T) == typeof(float) ? Unsafe.BitCast<uint, T>((uint)bits) : Unsafe.BitCast<ulong, T>(bits);
}
