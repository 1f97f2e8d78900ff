using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>Functions in pieces that updates are written with.</summary>
internal static class Piecewise
{
    /// <summary>1, 0 or −1 by the sign of x; 0 for NaN, as in PyTorch.</summary>
    [MethodImpl(AggressiveInlining)] public static TX Sign<TX>(TX x) where TX : IReal<TX> => TX.IfPositive(x, 1, TX.IfPositive(-x, -1, 0));

    /// <summary>The larger of two numbers; the second where either is NaN.</summary>
    [MethodImpl(AggressiveInlining)] public static TX Larger<TX>(TX a, TX b) where TX : IReal<TX> => TX.IfPositive(a - b, a, b);

    /// <summary>x where it lies between the bounds, else the bound it passed; NaN stays NaN.</summary>
    [MethodImpl(AggressiveInlining)]
    public static TX Clamp<TX>(TX x, TX least, TX most) where TX : IReal<TX> => TX.IfPositive(x - most, most, TX.IfPositive(least - x, least, x));
}
