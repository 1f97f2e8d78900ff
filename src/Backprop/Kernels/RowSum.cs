using System.Numerics;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;
using static Backprop.Formulas.Primitives;

namespace Backprop.Kernels;

/// <summary>Sums along rows over 16 virtual lanes and one tree.</summary>
internal static class RowSum<T, TV, TS>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    /// <summary>The sum of each of some rows.</summary>
    /// <param name="a">The matrix.</param>
    /// <param name="sums">Receives them in column 0.</param>
    /// <param name="from">The first row.</param>
    /// <param name="rows">Rows.</param>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static void Rows(Panels<T> a, Panels<T> sums, int from, int rows)
    {
        Span<T> lanes = stackalloc T[Reduce.Lanes];
        var (stride, columns) = (a.Stride, a.Columns);
        for (var row = from; row < from + rows; row++)
        {
            ref var start = ref a[row, 0];
            for (var lane = 0; lane < Reduce.Lanes; lane += TS.Count)
            {
                Lanes<TV, T, TS> sum = 0;
                for (var column = lane; column < columns; column += Reduce.Lanes)
                {
                    var x = TS.Load(ref Unsafe.Add(ref start, Panels<T>.Offset(column, stride)));
                    sum += new Lanes<TV, T, TS>(Reduce<T, TV, TS>.Masked(x, columns - column, 0));
                }

                sum.Store(ref lanes[lane]);
            }

            sums[row, 0] = Reduce<T, TV, TS>.Tree(new Addition(), ref lanes[0]);
        }
    }
}
