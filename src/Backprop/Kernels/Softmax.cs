using System.Numerics;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;
using static Backprop.Formulas.Primitives;

namespace Backprop.Kernels;

/// <summary>The parts of a softmax of rows of a matrix in panels, e^(zᵢ − max z) / Σ e^(zⱼ − max z).</summary>
internal static class Softmax<T, TV, TS>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    /// <summary>Rows worked on together; a multiple of every vector.</summary>
    private const int Group = 16;

    /// <summary>The largest number of each row; a NaN is passed over.</summary>
    /// <param name="z">The matrix.</param>
    /// <param name="from">The first row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="most">Receives a number for each row.</param>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static void Max(Panels<T> z, int from, int rows, ref T most)
    {
        Span<T> lanes = stackalloc T[Reduce.Lanes];
        var (stride, columns) = (z.Stride, z.Columns);
        for (var i = 0; i < rows; i++)
        {
            ref var row = ref z[from + i, 0];
            for (var lane = 0; lane < Reduce.Lanes; lane += TS.Count)
            {
                Lanes<TV, T, TS> largest = double.NegativeInfinity;
                for (var column = lane; column < columns; column += Reduce.Lanes)
                {
                    largest = new Larger().Of(largest, new(Load(ref row, stride, column, columns)), default);
                }

                largest.Store(ref lanes[lane]);
            }

            Unsafe.Add(ref most, i) = Reduce<T, TV, TS>.Tree(new Larger(), ref lanes[0]);
        }
    }

    /// <summary>Σ e^(z − most) of each row.</summary>
    /// <param name="z">The matrix.</param>
    /// <param name="y">Where the exponentials go: a matrix of the same shape, perhaps z; or null.</param>
    /// <param name="from">The first row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="most">The largest number of each row.</param>
    /// <param name="sums">Receives a number for each row.</param>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static void Exponentials(Panels<T> z, Panels<T>? y, int from, int rows, ref T most, ref T sums)
    {
        Span<T> lanes = stackalloc T[Reduce.Lanes];
        var (stride, columns) = (z.Stride, z.Columns);
        for (var i = 0; i < rows; i++)
        {
            ref var row = ref z[from + i, 0];
            ref var target = ref y is null ? ref Unsafe.NullRef<T>() : ref y[from + i, 0];
            var shift = TS.Broadcast(Unsafe.Add(ref most, i));
            for (var lane = 0; lane < Reduce.Lanes; lane += TS.Count)
            {
                Lanes<TV, T, TS> sum = 0;
                for (var column = lane; column < columns; column += Reduce.Lanes)
                {
                    // What fills up the last vector becomes e⁰ first: a power that underflows takes a processor far longer.
                    var (x, count) = (TS.Load(ref Unsafe.Add(ref row, Panels<T>.Offset(column, stride))), columns - column);
                    var power = Elementary<TV, T, TS>.Exp(Reduce<T, TV, TS>.Masked(TS.Subtract(x, shift), count, 0));
                    var e = Reduce<T, TV, TS>.Masked(power, count, 0);
                    sum += new Lanes<TV, T, TS>(e);
                    if (!Unsafe.IsNullRef(ref target))
                    {
                        TS.Store(e, ref Unsafe.Add(ref target, Panels<T>.Offset(column, stride)));
                    }
                }

                sum.Store(ref lanes[lane]);
            }

            Unsafe.Add(ref sums, i) = Reduce<T, TV, TS>.Tree(new Addition(), ref lanes[0]);
        }
    }

    /// <summary>y ← factor · y for a row.</summary>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static void Scale(ref T y, T factor, int stride, int columns)
    {
        var factors = TS.Broadcast(factor);
        for (var column = 0; column < columns; column += TS.Count)
        {
            ref var place = ref Unsafe.Add(ref y, Panels<T>.Offset(column, stride));
            TS.Store(TS.Multiply(TS.Load(ref place), factors), ref place);
        }
    }

    /// <summary>The softmax of some rows.</summary>
    /// <param name="z">The matrix.</param>
    /// <param name="y">Receives it: a matrix of the same shape, perhaps z.</param>
    /// <param name="from">The first row.</param>
    /// <param name="rows">Rows.</param>
    public static void Rows(Panels<T> z, Panels<T> y, int from, int rows)
    {
        Span<T> most = stackalloc T[Group];
        Span<T> sums = stackalloc T[Group];
        for (var row = from; row < from + rows; row += Group)
        {
            var count = Math.Min(Group, from + rows - row);
            Max(z, row, count, ref most[0]);
            Exponentials(z, y, row, count, ref most[0], ref sums[0]);
            Divide(y, row, sums[..count]);
        }
    }

    /// <summary>The logarithm of the softmax of some rows, (z − max z) − log Σ e^(z − max z), from the matrix z to y.</summary>
    public static void LogRows(Panels<T> z, Panels<T> y, int from, int rows)
    {
        Span<T> most = stackalloc T[Group];
        Span<T> sums = stackalloc T[Group];
        sums.Fill(T.One);
        for (var row = from; row < from + rows; row += Group)
        {
            var count = Math.Min(Group, from + rows - row);
            Max(z, row, count, ref most[0]);
            Exponentials(z, null, row, count, ref most[0], ref sums[0]);
            Logarithms(ref sums[0]);
            Shift(z, y, row, most[..count], sums[..count]);
        }
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Logarithms(ref T sums)
    {
        for (var i = 0; i < Group; i += TS.Count)
        {
            ref var place = ref Unsafe.Add(ref sums, i);
            TS.Store(Elementary<TV, T, TS>.Log(TS.Load(ref place)), ref place);
        }
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Shift(Panels<T> z, Panels<T> y, int from, Span<T> first, Span<T> second)
    {
        var (stride, columns) = (z.Stride, z.Columns);
        for (var i = 0; i < first.Length; i++)
        {
            ref var source = ref z[from + i, 0];
            ref var target = ref y[from + i, 0];
            var (a, b) = (TS.Broadcast(first[i]), TS.Broadcast(second[i]));
            for (var column = 0; column < columns; column += TS.Count)
            {
                var at = Panels<T>.Offset(column, stride);
                TS.Store(TS.Subtract(TS.Subtract(TS.Load(ref Unsafe.Add(ref source, at)), a), b), ref Unsafe.Add(ref target, at));
            }
        }
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Divide(Panels<T> y, int from, Span<T> divisors)
    {
        var (stride, columns) = (y.Stride, y.Columns);
        for (var i = 0; i < divisors.Length; i++)
        {
            ref var row = ref y[from + i, 0];
            var divisor = TS.Broadcast(divisors[i]);
            for (var column = 0; column < columns; column += TS.Count)
            {
                ref var place = ref Unsafe.Add(ref row, Panels<T>.Offset(column, stride));
                TS.Store(TS.Divide(TS.Load(ref place), divisor), ref place);
            }
        }
    }

    [MethodImpl(AggressiveInlining)]
    private static TV Load(ref T row, int stride, int column, int columns) => Reduce<T, TV, TS>.Masked(
        TS.Load(ref Unsafe.Add(ref row, Panels<T>.Offset(column, stride))), columns - column, double.NegativeInfinity);
}
