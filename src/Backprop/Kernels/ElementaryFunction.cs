using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>The catalogue of <see cref="Elementary{TV, T, TS}"/>: tests and comparisons run over it.</summary>
internal abstract class ElementaryFunction
{
    /// <summary>Every function that is more than one instruction.</summary>
    public static IReadOnlyList<ElementaryFunction> All { get; } =
    [
        new Bound<Primitives.Exp>(),
        new Bound<Primitives.Expm1>(),
        new Bound<Primitives.Log>(),
        new Bound<Primitives.Log1p>(),
        new Bound<Primitives.Sigmoid>(),
        new Bound<Primitives.Tanh>(),
        new Bound<Primitives.Erf>(),
        new Bound<Primitives.Erfc>(),
        new Bound<Primitives.Sin>(),
        new Bound<Primitives.Cos>(),
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
        where TF : struct, IFormula
    {
        Debug.Assert(x.Length == y.Length && x.Length % TS.Count == 0, "Kernels work on whole vectors.");
        for (var i = 0; i < x.Length; i += TS.Count)
        {
            var number = Lanes<TV, T, TS>.Load(in x[i]);
            f.Of(number, number, number).Store(ref y[i]);
        }
    }

    private sealed class Bound<TF> : ElementaryFunction where TF : struct, IFormula
    {
        public override string Name => typeof(TF).Name.ToLowerInvariant();

        public override TX Of<TX>(TX x) => default(TF).Of(x, x, x);

        public override void Apply<T>(Kernels<T> kernels, ReadOnlySpan<T> x, Span<T> y) => kernels.Apply(default(TF), x, y);
    }
}
