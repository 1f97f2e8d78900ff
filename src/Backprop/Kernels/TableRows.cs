using System.Numerics;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>Adds up gradients of a table's rows that a batch looked up.</summary>
internal static class TableRows<T, TV, TS>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    /// <summary>For a panel of the table: zeros, plus each row of a gradient, in ascending order, at the place its index says.</summary>
    /// <param name="index">Whole numbers in column 0, each below the table's rows.</param>
    /// <param name="gradient">A row for each.</param>
    /// <param name="table">Receives the sums.</param>
    /// <param name="panel">The panel of the gradient and of the table.</param>
    /// <param name="rows">Rows of the gradient.</param>
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static void Add(Panels<T> index, Panels<T> gradient, Panels<T> table, int panel, int rows)
    {
        ref var target = ref table.Start.At(table.PanelOffset(panel));
        for (var i = 0; i < table.Rows * Panels<T>.Width; i += TS.Count)
        {
            TS.Store(TS.Broadcast(T.Zero), ref Unsafe.Add(ref target, i));
        }

        ref var source = ref gradient.Start.At(gradient.PanelOffset(panel));
        for (var row = 0; row < rows; row++)
        {
            ref var sum = ref Unsafe.Add(ref target, int.CreateTruncating(index[row, 0]) * Panels<T>.Width);
            for (var i = 0; i < Panels<T>.Width; i += TS.Count)
            {
                ref var place = ref Unsafe.Add(ref sum, i);
                TS.Store(TS.Add(TS.Load(ref place), TS.Load(ref Unsafe.Add(ref source, row * Panels<T>.Width + i))), ref place);
            }
        }
    }
}
