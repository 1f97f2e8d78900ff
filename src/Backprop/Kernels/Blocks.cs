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
