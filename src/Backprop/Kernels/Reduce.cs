using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>Reductions along a row over 16 virtual lanes and one fixed tree: the same order of additions at every width.</summary>
internal static class Reduce
{
    /// <summary>Lanes, whatever the vector width; a panel's width is a multiple of it.</summary>
    public const int Lanes = 16;
}

/// <inheritdoc cref="Reduce"/>
internal static class Reduce<T, TV, TS>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    /// <summary>Reduces 16 lanes, which are overwritten, to one number: lanes i and i + 8 together, then i and i + 4, and so on.</summary>
    [MethodImpl(AggressiveInlining)]
    public static T Tree<TF>(TF f, ref T lanes) where TF : struct, IFormula
    {
        for (var half = Reduce.Lanes / 2; half >= TS.Count; half /= 2)
        {
            for (var i = 0; i < half; i += TS.Count)
            {
                ref var lane = ref Unsafe.Add(ref lanes, i);
                f.Of(Lanes<TV, T, TS>.Load(ref lane), Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref lane, half)), default).Store(ref lane);
            }
        }

        return TS.Fold(f, TS.Load(ref lanes));
    }

    /// <summary>The first <paramref name="count"/> lanes of a vector, and <paramref name="fill"/> in those behind them.</summary>
    [MethodImpl(AggressiveInlining)]
    public static TV Masked(TV x, int count, double fill) => count >= TS.Count
        ? x
        : TS.IfGreater(TS.Broadcast(T.CreateTruncating(count)), TS.Indices, x, TS.Broadcast(T.CreateTruncating(fill)));
}
