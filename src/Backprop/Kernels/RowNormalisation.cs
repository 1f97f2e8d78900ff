using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;
using static Backprop.Formulas.Primitives;

namespace Backprop.Kernels;

/// <summary>y = (x − mean) / √(variance + ε) of each row, and its gradient; means over 16 virtual lanes and one tree.</summary>
internal static class RowNormalisation<T, TV, TS>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    /// <summary>y of some rows.</summary>
    /// <param name="x">The matrix.</param>
    /// <param name="y">Receives the rows.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="from">The first row.</param>
    /// <param name="rows">Rows.</param>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static void Rows(Panels<T> x, Panels<T> y, double epsilon, int from, int rows)
    {
        Span<T> lanes = stackalloc T[Reduce.Lanes];
        var (stride, columns) = (x.Stride, x.Columns);
        for (var row = from; row < from + rows; row++)
        {
            ref var source = ref x[row, 0];
            ref var target = ref y[row, 0];
            var mean = Mean(new Copy(), ref source, default, ref source, stride, columns, ref lanes[0]);
            var inverse = Normalising.InverseRoot(Mean(new SquaredDeviation(), ref source, mean, ref source, stride, columns, ref lanes[0]), epsilon);
            for (var column = 0; column < columns; column += TS.Count)
            {
                var at = Panels<T>.Offset(column, stride);
                ((Load(ref source, at) - mean) * inverse).Store(ref Unsafe.Add(ref target, at));
            }
        }
    }

    /// <summary>∂x of some rows.</summary>
    /// <param name="dy">∂y.</param>
    /// <param name="x">The matrix.</param>
    /// <param name="dx">Receives the rows.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="from">The first row.</param>
    /// <param name="rows">Rows.</param>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static void Gradient(Panels<T> dy, Panels<T> x, Panels<T> dx, double epsilon, int from, int rows)
    {
        Span<T> lanes = stackalloc T[Reduce.Lanes];
        var (stride, columns) = (x.Stride, x.Columns);
        for (var row = from; row < from + rows; row++)
        {
            ref var source = ref x[row, 0];
            ref var above = ref dy[row, 0];
            ref var target = ref dx[row, 0];
            var mean = Mean(new Copy(), ref source, default, ref source, stride, columns, ref lanes[0]);
            var inverse = Normalising.InverseRoot(Mean(new SquaredDeviation(), ref source, mean, ref source, stride, columns, ref lanes[0]), epsilon);
            var meanAbove = Mean(new Copy(), ref above, default, ref above, stride, columns, ref lanes[0]);
            var slope = inverse * Mean(new DeviationProduct(), ref source, mean, ref above, stride, columns, ref lanes[0]);
            for (var column = 0; column < columns; column += TS.Count)
            {
                var at = Panels<T>.Offset(column, stride);
                var y = (Load(ref source, at) - mean) * inverse;
                (inverse * (Load(ref above, at) - meanAbove - y * slope)).Store(ref Unsafe.Add(ref target, at));
            }
        }
    }

    /// <summary>The mean of f(a, b, c) over a row, in every lane.</summary>
    [MethodImpl(AggressiveInlining)]
    private static Lanes<TV, T, TS> Mean<TF>(TF f, ref T a, Lanes<TV, T, TS> b, ref T c, int stride, int columns, ref T lanes)
        where TF : struct, IFormula
    {
        for (var lane = 0; lane < Reduce.Lanes; lane += TS.Count)
        {
            Lanes<TV, T, TS> sum = 0;
            for (var column = lane; column < columns; column += Reduce.Lanes)
            {
                var at = Panels<T>.Offset(column, stride);
                sum += new Lanes<TV, T, TS>(Reduce<T, TV, TS>.Masked(f.Of(Load(ref a, at), b, Load(ref c, at)).Vector, columns - column, 0));
            }

            sum.Store(ref Unsafe.Add(ref lanes, lane));
        }

        return new(TS.Broadcast(Reduce<T, TV, TS>.Tree(new Addition(), ref lanes) / T.CreateTruncating(columns)));
    }

    [MethodImpl(AggressiveInlining)]
    private static Lanes<TV, T, TS> Load(ref T start, int at) => Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref start, at));
}
