using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Audit.Mutations;

/// <summary>A float rounded to fewer bits, by Veltkamp's splitting. Dekker (1971).</summary>
/// <param name="Factor">2ᵏ + 1, to leave 24 − k of a float's 24 bits.</param>
internal readonly record struct RoundedTo(Coefficient Factor) : IFormula
{
    public static int Inputs => 1;

    /// <summary>8 bits: bfloat16.</summary>
    public static RoundedTo Bfloat16 { get; } = new((1 << 16) + 1);

    /// <summary>11 bits: TF32.</summary>
    public static RoundedTo Tf32 { get; } = new((1 << 13) + 1);

    [MethodImpl(AggressiveInlining)]
    public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX>
    {
        var scaled = Factor * a;
        return scaled - (scaled - a);
    }
}
