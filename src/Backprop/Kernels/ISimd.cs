using System.Numerics;
using Backprop.Formulas;

namespace Backprop.Kernels;

/// <summary>One vector width as a type argument: kernels are written once over it and the JIT compiles each width apart.</summary>
/// <remarks>Every operation rounds as IEEE 754 says, so the same kernel gives the same bits at every width.</remarks>
/// <typeparam name="TV">The vector.</typeparam>
/// <typeparam name="T">float or double.</typeparam>
internal interface ISimd<TV, T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Numbers in a vector.</summary>
    static abstract int Count { get; }

    /// <summary>Rows of a matrix-product tile two vectors wide: as many as the registers hold.</summary>
    static abstract int TileRows { get; }

    /// <summary>0, 1, 2 and so on.</summary>
    static abstract TV Indices { get; }

    static abstract TV Load(ref readonly T source);

    static abstract void Store(TV x, ref T target);

    static abstract TV Broadcast(T value);

    static abstract TV Add(TV a, TV b);

    static abstract TV Subtract(TV a, TV b);

    static abstract TV Multiply(TV a, TV b);

    static abstract TV Divide(TV a, TV b);

    /// <summary>a · b + c, rounded once.</summary>
    static abstract TV MultiplyAdd(TV a, TV b, TV c);

    static abstract TV Sqrt(TV x);

    /// <summary><paramref name="then"/> where a &gt; b, else <paramref name="otherwise"/>; also where one is NaN.</summary>
    static abstract TV IfGreater(TV a, TV b, TV then, TV otherwise);

    /// <summary>Whether a &gt; b in any lane.</summary>
    static abstract bool AnyGreater(TV a, TV b);

    static abstract TV BitAnd(TV a, TV b);

    static abstract TV BitOr(TV a, TV b);

    static abstract TV BitXor(TV a, TV b);

    /// <summary>Adds the bit patterns as integers.</summary>
    static abstract TV BitAdd(TV a, TV b);

    static abstract TV BitShiftLeft(TV x, int bits);

    /// <summary>Shifts zeros in from the left.</summary>
    static abstract TV BitShiftRight(TV x, int bits);

    /// <summary>Combines a vector's lanes to one number: the lower half with the upper, again and again.</summary>
    static abstract T Fold<TF>(TF f, TV x) where TF : struct, IFormula;
}
