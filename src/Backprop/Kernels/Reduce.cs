using System.Numerics;

namespace Backprop.Kernels;

/// <summary>Reductions along a row over 16 virtual lanes and one fixed tree: the same order of additions at every width.</summary>
internal static class Reduce
{
    /// <summary>Lanes, whatever the vector width; rows are filled up to a multiple of it.</summary>
    public const int Lanes = 16;

    /// <summary>The row's length filled up to whole lanes.</summary>
    public static int Filled(int columns) => (columns + Lanes - 1) / Lanes * Lanes;
}

/// <inheritdoc cref="Reduce"/>
internal static class Reduce<T, TV, TS>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    /// <summary>The largest number; a NaN is passed over.</summary>
    /// <param name="row">A multiple of 16 numbers.</param>
    public static T Max(Span<T> row)
    {
        Span<T> lanes = stackalloc T[Reduce.Lanes];
        lanes.Fill(T.NegativeInfinity);
        for (var i = 0; i < row.Length; i += TS.Count)
        {
            ref var lane = ref lanes[i % Reduce.Lanes];
            var (x, most) = (TS.Load(ref row[i]), TS.Load(ref lane));
            TS.Store(TS.IfGreater(x, most, x, most), ref lane);
        }

        var result = lanes[0];
        foreach (var x in lanes)
        {
            result = x > result ? x : result;
        }

        return result;
    }

    /// <summary>The sum.</summary>
    /// <param name="row">A multiple of 16 numbers.</param>
    public static T Sum(Span<T> row)
    {
        Span<T> lanes = stackalloc T[Reduce.Lanes];
        lanes.Clear();
        for (var i = 0; i < row.Length; i += TS.Count)
        {
            ref var lane = ref lanes[i % Reduce.Lanes];
            TS.Store(TS.Add(TS.Load(ref lane), TS.Load(ref row[i])), ref lane);
        }

        for (var half = Reduce.Lanes / 2; half > 0; half /= 2)
        {
            for (var i = 0; i < half; i++)
            {
                lanes[i] += lanes[i + half];
            }
        }

        return lanes[0];
    }
}
