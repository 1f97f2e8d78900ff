using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>A parameter's storage: its weights and what the optimizer remembers beside each.</summary>
internal readonly record struct WeightState<T>(Slice<T> Weight, Slice<T> First, Slice<T> Second, Slice<T> Third)
    where T : unmanaged, IFloatingPointIeee754<T>;

/// <summary>One optimizer's update, applied to blocks of weights while their gradient is still in cache.</summary>
internal abstract class UpdateKernel<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>How many numbers the optimizer remembers beside each weight.</summary>
    public abstract int States { get; }

    /// <inheritdoc cref="IUpdate.RestsAtZero"/>
    public abstract bool RestsAtZero { get; }

    /// <summary>Computes the constants of a step, counted from 1.</summary>
    public abstract void Prepare(long step, double rate);

    /// <summary>
    /// Updates weights <paramref name="from"/> to <paramref name="from"/> + <paramref name="length"/>, whose gradients begin at
    /// <paramref name="gradient"/>.
    /// </summary>
    public abstract void Run(in WeightState<T> state, int from, int length, ref T gradient);
}

/// <inheritdoc/>
internal sealed class UpdateKernel<T, TV, TS, TU>(IOptimizer<TU> optimizer, bool lazy) : UpdateKernel<T>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
    where TU : struct, IUpdate
{
    private TU update;

    public override int States => TU.States;

    public override bool RestsAtZero => TU.RestsAtZero;

    public override void Prepare(long step, double rate) => update = lazy ? optimizer.LazyAt(step, rate) : optimizer.At(step, rate);

    public override void Run(in WeightState<T> state, int from, int length, ref T gradient)
    {
        // A state the update does not have is never touched; the weight stands in for its address.
        ref var weight = ref state.Weight.At(from);
        ref var first = ref TU.States > 0 ? ref state.First.At(from) : ref weight;
        ref var second = ref TU.States > 1 ? ref state.Second.At(from) : ref weight;
        ref var third = ref TU.States > 2 ? ref state.Third.At(from) : ref weight;
        Sweep(update, ref weight, ref first, ref second, ref third, ref gradient, length);
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Sweep(TU update, ref T weight, ref T first, ref T second, ref T third, ref T gradient, int length)
    {
        Lanes<TV, T, TS> a = default, b = default, c = default;
        for (var i = 0; i < length; i += TS.Count)
        {
            var w = Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref weight, i));
            if (TU.States > 0)
            {
                a = Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref first, i));
            }

            if (TU.States > 1)
            {
                b = Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref second, i));
            }

            if (TU.States > 2)
            {
                c = Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref third, i));
            }

            update.Apply(Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref gradient, i)), ref w, ref a, ref b, ref c);
            w.Store(ref Unsafe.Add(ref weight, i));
            if (TU.States > 0)
            {
                a.Store(ref Unsafe.Add(ref first, i));
            }

            if (TU.States > 1)
            {
                b.Store(ref Unsafe.Add(ref second, i));
            }

            if (TU.States > 2)
            {
                c.Store(ref Unsafe.Add(ref third, i));
            }
        }
    }
}
