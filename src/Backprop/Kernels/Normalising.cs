using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>The formulas of a normalisation's kernels.</summary>
internal static class Normalising
{
    /// <summary>1 / √(variance + ε).</summary>
    [MethodImpl(AggressiveInlining)]
    public static TX InverseRoot<TX>(TX variance, double epsilon) where TX : IReal<TX> => 1 / TX.Sqrt(variance + epsilon);
}

/// <summary>(x − mean)², of x and the mean.</summary>
internal readonly record struct SquaredDeviation : IFormula
{
    public static int Inputs => 2;

    [MethodImpl(AggressiveInlining)]
    public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => (a - b) * (a - b);
}

/// <summary>(x − mean) · g, of x, the mean and g.</summary>
internal readonly record struct DeviationProduct : IFormula
{
    public static int Inputs => 3;

    [MethodImpl(AggressiveInlining)]
    public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => (a - b) * c;
}
