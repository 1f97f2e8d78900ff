using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;
using static Backprop.Formulas.Primitives;

namespace Backprop.Kernels;

/// <summary>The pinball losses of a row's outputs, each with a level of its own and all with the one target of the row, added up.</summary>
internal sealed class QuantileRowLoss<T, TV, TS>(IReadOnlyList<double> levels) : RowLoss<T>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    private readonly T[] levels = Padded(levels);
    private readonly T[] rests = Padded([.. levels.Select(level => 1 - level)]);

    public override bool Classifies => false;

    protected override void RunGroup(LossOperands<T> operands, int from, int rows, T share, ref T losses, Span<bool> right)
    {
        var (z, gradient) = (operands.Logits, operands.Gradient);
        for (var i = 0; i < rows; i++)
        {
            var row = from + i;
            ref var dz = ref gradient is null ? ref Unsafe.NullRef<T>() : ref gradient[row, 0];
            Unsafe.Add(ref losses, i) = Row(ref z[row, 0], operands.Targets[row, 0], ref dz, z.Stride, z.Columns, operands.Weights[row, 0] * share);
        }
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private T Row(ref T logits, T target, ref T gradient, int stride, int columns, T scale)
    {
        Lanes<TV, T, TS> factor = new(TS.Broadcast(scale)), t = new(TS.Broadcast(target));
        Span<T> lanes = stackalloc T[Reduce.Lanes];
        for (var lane = 0; lane < Reduce.Lanes; lane += TS.Count)
        {
            Lanes<TV, T, TS> sum = 0;
            for (var column = lane; column < columns; column += Reduce.Lanes)
            {
                var at = Panels<T>.Offset(column, stride);
                var difference = Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref logits, at)) - t;
                Lanes<TV, T, TS> level = Lanes<TV, T, TS>.Load(ref levels[column]), rest = Lanes<TV, T, TS>.Load(ref rests[column]);
                sum += new Lanes<TV, T, TS>(Reduce<T, TV, TS>.Masked(Pinball.Value(difference, level, rest).Vector, columns - column, 0));
                if (!Unsafe.IsNullRef(ref gradient))
                {
                    (factor * Pinball.Derivative(difference, level, rest)).Store(ref Unsafe.Add(ref gradient, at));
                }
            }

            sum.Store(ref lanes[lane]);
        }

        return Reduce<T, TV, TS>.Tree(new Addition(), ref lanes[0]);
    }
}
