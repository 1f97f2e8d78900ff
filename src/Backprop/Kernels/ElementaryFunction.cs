using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>A function of one number, to be run over spans.</summary>
internal interface IFunction
{
    TX Of<TX>(TX x) where TX : IReal<TX>;
}

/// <summary>The catalogue of <see cref="Elementary{TV, T, TS}"/>: tests and comparisons run over it.</summary>
internal abstract class ElementaryFunction
{
    /// <summary>Every function that is more than one instruction.</summary>
    public static IReadOnlyList<ElementaryFunction> All { get; } =
    [
        new Bound<Exp>(),
        new Bound<Expm1>(),
        new Bound<Log>(),
        new Bound<Log1p>(),
        new Bound<Sigmoid>(),
        new Bound<Tanh>(),
        new Bound<Erf>(),
        new Bound<Erfc>(),
        new Bound<Sin>(),
        new Bound<Cos>(),
    ];

    /// <summary>The function's name in lower case.</summary>
    public abstract string Name { get; }

    /// <summary>f(x) in any reading.</summary>
    public abstract TX Of<TX>(TX x) where TX : IReal<TX>;

    /// <summary>y = f(x) at the kernels' width.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="x">A multiple of 16 numbers.</param>
    /// <param name="y">As many.</param>
    public abstract void Apply<T>(Kernels<T> kernels, ReadOnlySpan<T> x, Span<T> y) where T : unmanaged, IFloatingPointIeee754<T>;

    [MethodImpl(NoInlining | AggressiveOptimization)]
    internal static void Sweep<T, TV, TS, TF>(TF f, ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TS : struct, ISimd<TV, T>
        where TF : struct, IFunction
    {
        Debug.Assert(x.Length == y.Length && x.Length % TS.Count == 0, "Kernels work on whole vectors.");
        for (var i = 0; i < x.Length; i += TS.Count)
        {
            f.Of(Lanes<TV, T, TS>.Load(in x[i])).Store(ref y[i]);
        }
    }

    private sealed class Bound<TF> : ElementaryFunction where TF : struct, IFunction
    {
        public override string Name => typeof(TF).Name.ToLowerInvariant();

        public override TX Of<TX>(TX x) => default(TF).Of(x);

        public override void Apply<T>(Kernels<T> kernels, ReadOnlySpan<T> x, Span<T> y) => kernels.Apply(default(TF), x, y);
    }

    private readonly struct Exp : IFunction
    {
        [MethodImpl(AggressiveInlining)] public TX Of<TX>(TX x) where TX : IReal<TX> => TX.Exp(x);
    }

    private readonly struct Expm1 : IFunction
    {
        [MethodImpl(AggressiveInlining)] public TX Of<TX>(TX x) where TX : IReal<TX> => TX.Expm1(x);
    }

    private readonly struct Log : IFunction
    {
        [MethodImpl(AggressiveInlining)] public TX Of<TX>(TX x) where TX : IReal<TX> => TX.Log(x);
    }

    private readonly struct Log1p : IFunction
    {
        [MethodImpl(AggressiveInlining)] public TX Of<TX>(TX x) where TX : IReal<TX> => TX.Log1p(x);
    }

    private readonly struct Sigmoid : IFunction
    {
        [MethodImpl(AggressiveInlining)] public TX Of<TX>(TX x) where TX : IReal<TX> => TX.Sigmoid(x);
    }

    private readonly struct Tanh : IFunction
    {
        [MethodImpl(AggressiveInlining)] public TX Of<TX>(TX x) where TX : IReal<TX> => TX.Tanh(x);
    }

    private readonly struct Erf : IFunction
    {
        [MethodImpl(AggressiveInlining)] public TX Of<TX>(TX x) where TX : IReal<TX> => TX.Erf(x);
    }

    private readonly struct Erfc : IFunction
    {
        [MethodImpl(AggressiveInlining)] public TX Of<TX>(TX x) where TX : IReal<TX> => TX.Erfc(x);
    }

    private readonly struct Sin : IFunction
    {
        [MethodImpl(AggressiveInlining)] public TX Of<TX>(TX x) where TX : IReal<TX> => TX.Sin(x);
    }

    private readonly struct Cos : IFunction
    {
        [MethodImpl(AggressiveInlining)] public TX Of<TX>(TX x) where TX : IReal<TX> => TX.Cos(x);
    }
}
