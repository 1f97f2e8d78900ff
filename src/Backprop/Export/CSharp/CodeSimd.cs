using System.Numerics;
using Backprop.Formulas;
using Backprop.Kernels;

namespace Backprop.Export;

/// <summary>C# source as a vector of one number: kernels' functions run over it write themselves down, operation by operation.</summary>
internal readonly struct CodeSimd<T> : ISimd<Code<T>, T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static int Count => 1;

    public static int TileRows => throw Unwritten();

    public static Code<T> Indices => throw Unwritten();

    public static Code<T> Load(ref readonly T source) => throw Unwritten();

    public static void Store(Code<T> x, ref T target) => throw Unwritten();

    public static Code<T> Broadcast(T value) => new(value);

    public static Code<T> Add(Code<T> a, Code<T> b) => Let($"{a.Text} + {b.Text}", a, b) ?? new(a.Number + b.Number);

    public static Code<T> Subtract(Code<T> a, Code<T> b) => Let($"{a.Text} - {b.Text}", a, b) ?? new(a.Number - b.Number);

    public static Code<T> Multiply(Code<T> a, Code<T> b) => Let($"{a.Text} * {b.Text}", a, b) ?? new(a.Number * b.Number);

    public static Code<T> Divide(Code<T> a, Code<T> b) => Let($"{a.Text} / {b.Text}", a, b) ?? new(a.Number / b.Number);

    public static Code<T> MultiplyAdd(Code<T> a, Code<T> b, Code<T> c)
        => Let($"{Code<T>.Functions}.FusedMultiplyAdd({a.Text}, {b.Text}, {c.Text})", a, b, c) ?? new(T.FusedMultiplyAdd(a.Number, b.Number, c.Number));

    public static Code<T> Sqrt(Code<T> x) => Let($"{Code<T>.Functions}.Sqrt({x.Text})", x) ?? new(T.Sqrt(x.Number));

    public static Code<T> IfGreater(Code<T> a, Code<T> b, Code<T> then, Code<T> otherwise)
        => Let($"{a.Text} > {b.Text} ? {then.Text} : {otherwise.Text}", a, b) ?? (a.Number > b.Number ? then : otherwise);

    /// <summary>Never, as far as the code that follows goes: there the function has returned.</summary>
    public static bool AnyGreater(Code<T> a, Code<T> b)
    {
        a.Method!.ReturnFarIf($"{a.Text} > {b.Text}");
        return false;
    }

    public static Code<T> BitAnd(Code<T> a, Code<T> b) => Let($"Number({a.Bits} & {b.Bits})", a, b) ?? new(Simd1<T>.BitAnd(a.Number, b.Number));

    public static Code<T> BitOr(Code<T> a, Code<T> b) => Let($"Number({a.Bits} | {b.Bits})", a, b) ?? new(Simd1<T>.BitOr(a.Number, b.Number));

    public static Code<T> BitXor(Code<T> a, Code<T> b) => Let($"Number({a.Bits} ^ {b.Bits})", a, b) ?? new(Simd1<T>.BitXor(a.Number, b.Number));

    public static Code<T> BitAdd(Code<T> a, Code<T> b) => Let($"Number(unchecked({a.Bits} + {b.Bits}))", a, b) ?? new(Simd1<T>.BitAdd(a.Number, b.Number));

    public static Code<T> BitShiftLeft(Code<T> x, int bits) => Let($"Number({x.Bits} << {bits})", x) ?? new(Simd1<T>.BitShiftLeft(x.Number, bits));

    public static Code<T> BitShiftRight(Code<T> x, int bits) => Let($"Number({x.Bits} >> {bits})", x) ?? new(Simd1<T>.BitShiftRight(x.Number, bits));

    public static T Fold<TF>(TF f, Code<T> x) where TF : struct, IFormula => throw Unwritten();

    /// <summary>A local, in the method that one of the operands is of; null if all are known.</summary>
    private static Code<T>? Let(string expression, params ReadOnlySpan<Code<T>> operands)
    {
        foreach (var operand in operands)
        {
            if (operand.Method is { } method)
            {
                return method.Let(expression);
            }
        }

        return null;
    }

    private static NotSupportedException Unwritten() => new("Functions of a number do not load, store or fold vectors.");
}
