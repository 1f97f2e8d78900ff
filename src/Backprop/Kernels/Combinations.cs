using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>A function of two numbers: applied to two matrices element by element, or again and again to reduce a row to one number.</summary>
internal interface ICombination
{
    TX Of<TX>(TX a, TX b) where TX : IReal<TX>;
}

/// <summary>a + b.</summary>
internal readonly record struct Addition : ICombination
{
    [MethodImpl(AggressiveInlining)] public TX Of<TX>(TX a, TX b) where TX : IReal<TX> => a + b;
}

/// <summary>a · b.</summary>
internal readonly record struct Multiplication : ICombination
{
    [MethodImpl(AggressiveInlining)] public TX Of<TX>(TX a, TX b) where TX : IReal<TX> => a * b;
}

/// <summary>The larger of a and b; a where b is NaN.</summary>
internal readonly record struct Larger : ICombination
{
    [MethodImpl(AggressiveInlining)] public TX Of<TX>(TX a, TX b) where TX : IReal<TX> => TX.IfPositive(b - a, b, a);
}
