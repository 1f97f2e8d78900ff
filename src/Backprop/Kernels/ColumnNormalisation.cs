using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;
using static Backprop.Formulas.Primitives;

namespace Backprop.Kernels;

/// <summary>y = (x − mean) / √(variance + ε) of each column, and its gradient, a panel at a time.</summary>
internal static class ColumnNormalisation<T, TV, TS>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    /// <summary>y of a panel.</summary>
    /// <param name="x">The matrix.</param>
    /// <param name="y">Receives the panel.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="panel">The panel.</param>
    /// <param name="rows">Rows.</param>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static void Panel(Panels<T> x, Panels<T> y, double epsilon, int panel, int rows)
    {
        var columns = Math.Min(Panels<T>.Width, x.Columns - panel * Panels<T>.Width);
        for (var column = 0; column < columns; column += TS.Count)
        {
            ref var source = ref x.Start.At(x.PanelOffset(panel) + column);
            ref var target = ref y.Start.At(y.PanelOffset(panel) + column);
            var mean = Mean(new Copy(), ref source, default, ref source, rows);
            var inverse = Normalising.InverseRoot(Mean(new SquaredDeviation(), ref source, mean, ref source, rows), epsilon);
            for (var at = 0; at < rows * Panels<T>.Width; at += Panels<T>.Width)
            {
                ((Load(ref source, at) - mean) * inverse).Store(ref Unsafe.Add(ref target, at));
            }
        }
    }

    /// <summary>∂x of a panel.</summary>
    /// <param name="dy">∂y.</param>
    /// <param name="x">The matrix.</param>
    /// <param name="dx">Receives the panel.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="panel">The panel.</param>
    /// <param name="rows">Rows.</param>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static void Gradient(Panels<T> dy, Panels<T> x, Panels<T> dx, double epsilon, int panel, int rows)
    {
        var columns = Math.Min(Panels<T>.Width, x.Columns - panel * Panels<T>.Width);
        for (var column = 0; column < columns; column += TS.Count)
        {
            ref var source = ref x.Start.At(x.PanelOffset(panel) + column);
            ref var above = ref dy.Start.At(dy.PanelOffset(panel) + column);
            ref var target = ref dx.Start.At(dx.PanelOffset(panel) + column);
            var mean = Mean(new Copy(), ref source, default, ref source, rows);
            var inverse = Normalising.InverseRoot(Mean(new SquaredDeviation(), ref source, mean, ref source, rows), epsilon);
            var meanAbove = Mean(new Copy(), ref above, default, ref above, rows);
            var slope = inverse * Mean(new DeviationProduct(), ref source, mean, ref above, rows);
            for (var at = 0; at < rows * Panels<T>.Width; at += Panels<T>.Width)
            {
                var y = (Load(ref source, at) - mean) * inverse;
                (inverse * (Load(ref above, at) - meanAbove - y * slope)).Store(ref Unsafe.Add(ref target, at));
            }
        }
    }

    /// <summary>The mean of f(a, b, c) over the rows, column by column: four chains of additions at a time, in chunks.</summary>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static Lanes<TV, T, TS> Mean<TF>(TF f, ref T a, Lanes<TV, T, TS> b, ref T c, int rows) where TF : struct, IFormula
    {
        Lanes<TV, T, TS> total = 0;
        for (var from = 0; from < rows;)
        {
            var end = Math.Min(rows, from + 4 * Gemm.Chunk);
            Lanes<TV, T, TS> first = 0, second = 0, third = 0, fourth = 0;
            for (; from + 4 <= end; from += 4)
            {
                first += Term(f, ref a, b, ref c, from);
                second += Term(f, ref a, b, ref c, from + 1);
                third += Term(f, ref a, b, ref c, from + 2);
                fourth += Term(f, ref a, b, ref c, from + 3);
            }

            for (; from < end; from++)
            {
                first += Term(f, ref a, b, ref c, from);
            }

            total += first + second + (third + fourth);
        }

        return total * new Lanes<TV, T, TS>(TS.Broadcast(T.One / T.CreateTruncating(rows)));
    }

    [MethodImpl(AggressiveInlining)]
    private static Lanes<TV, T, TS> Term<TF>(TF f, ref T a, Lanes<TV, T, TS> b, ref T c, int row) where TF : struct, IFormula
        => f.Of(Load(ref a, row * Panels<T>.Width), b, Load(ref c, row * Panels<T>.Width));

    [MethodImpl(AggressiveInlining)]
    private static Lanes<TV, T, TS> Load(ref T start, int at) => Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref start, at));
}
