using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>Elementwise work on matrices of one shape: runs on any contiguous run of their elements, so on the block a product just wrote.</summary>
internal abstract class Block<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Works on elements <paramref name="from"/> to <paramref name="from"/> + <paramref name="length"/> of each matrix.</summary>
    /// <param name="from">Relative to the matrices' starts.</param>
    /// <param name="length">A multiple of a panel's width.</param>
    public abstract void Run(int from, int length);
}

/// <summary>y = f(x).</summary>
internal sealed class ActivationBlock<T, TV, TS, TF>(TF f, Slice<T> x, Slice<T> y) : Block<T>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
    where TF : struct, IActivation
{
    public override void Run(int from, int length) => Sweep(f, ref x.At(from), ref y.At(from), length);

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Sweep(TF f, ref T x, ref T y, int length)
    {
        for (var i = 0; i < length; i += TS.Count)
        {
            f.Forward(Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref x, i))).Store(ref Unsafe.Add(ref y, i));
        }
    }
}

/// <summary>dx = dy · f′(x, y).</summary>
internal sealed class ActivationGradientBlock<T, TV, TS, TF>(TF f, Slice<T> dy, Slice<T> x, Slice<T> y, Slice<T> dx) : Block<T>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
    where TF : struct, IActivation
{
    public override void Run(int from, int length) => Sweep(f, ref dy.At(from), ref x.At(from), ref y.At(from), ref dx.At(from), length);

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Sweep(TF f, ref T dy, ref T x, ref T y, ref T dx, int length)
    {
        for (var i = 0; i < length; i += TS.Count)
        {
            var derivative = f.Derivative(Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref x, i)), Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref y, i)));
            (Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref dy, i)) * derivative).Store(ref Unsafe.Add(ref dx, i));
        }
    }
}

/// <summary>c = a ∘ b.</summary>
internal sealed class CombinationBlock<T, TV, TS, TF>(TF f, Slice<T> a, Slice<T> b, Slice<T> c) : Block<T>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
    where TF : struct, ICombination
{
    public override void Run(int from, int length) => Sweep(f, ref a.At(from), ref b.At(from), ref c.At(from), length);

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Sweep(TF f, ref T a, ref T b, ref T c, int length)
    {
        for (var i = 0; i < length; i += TS.Count)
        {
            f.Of(Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref a, i)), Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref b, i))).Store(ref Unsafe.Add(ref c, i));
        }
    }
}

/// <summary>A parameter's storage: its weights and what the optimizer remembers beside each.</summary>
internal readonly record struct WeightState<T>(Slice<T> Weight, Slice<T> First, Slice<T> Second) where T : unmanaged, IFloatingPointIeee754<T>;

/// <summary>One optimizer's update, applied to blocks of weights while their gradient is still in cache.</summary>
internal abstract class UpdateKernel<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>How many numbers the optimizer remembers beside each weight.</summary>
    public abstract int States { get; }

    /// <inheritdoc cref="IUpdate.RestsAtZero"/>
    public abstract bool RestsAtZero { get; }

    /// <summary>Computes the constants of a step, counted from 1.</summary>
    public abstract void Prepare(long step, double rate);

    /// <summary>Updates weights <paramref name="from"/> to <paramref name="from"/> + <paramref name="length"/>, whose gradients begin at <paramref name="gradient"/>.</summary>
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
        Sweep(update, ref weight, ref first, ref second, ref gradient, length);
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Sweep(TU update, ref T weight, ref T first, ref T second, ref T gradient, int length)
    {
        Lanes<TV, T, TS> m = default, v = default;
        for (var i = 0; i < length; i += TS.Count)
        {
            var w = Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref weight, i));
            if (TU.States > 0)
            {
                m = Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref first, i));
            }

            if (TU.States > 1)
            {
                v = Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref second, i));
            }

            update.Apply(Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref gradient, i)), ref w, ref m, ref v);
            w.Store(ref Unsafe.Add(ref weight, i));
            if (TU.States > 0)
            {
                m.Store(ref Unsafe.Add(ref first, i));
            }

            if (TU.States > 1)
            {
                v.Store(ref Unsafe.Add(ref second, i));
            }
        }
    }
}
