using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>y = f(x), and dy/dx in terms of both, so that each rule may use whichever is cheaper.</summary>
public interface IActivation
{
    /// <summary>f(x).</summary>
    TX Forward<TX>(TX x) where TX : IReal<TX>;

    /// <summary>f′(x), given x and y = f(x).</summary>
    TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>;
}

/// <summary>x. The linear unit of output layers.</summary>
public readonly record struct Identity : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => x;

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 1;
}

/// <summary>max(0, x), with derivative 0 at 0 as in PyTorch. Glorot, Bordes and Bengio (2011).</summary>
public readonly record struct Relu : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.IfPositive(-x, 0, x);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(y, 1, 0);
}

/// <summary>σ(x) = 1 / (1 + e⁻ˣ), the logistic function.</summary>
public readonly record struct Sigmoid : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.Sigmoid(x);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => y * (1 - y);
}

/// <summary>tanh(x), with the derivative formed from y as PyTorch forms it.</summary>
public readonly record struct Tanh : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.Tanh(x);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 1 - y * y;
}

/// <summary>x · σ(x). Elfwing, Uchibe and Doya (2017).</summary>
public readonly record struct Silu : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => x * TX.Sigmoid(x);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => y + (1 - y) * TX.Sigmoid(x);
}

/// <summary>An activation chosen at run time: the catalogue's row, and the bridge to the formula's own type.</summary>
public abstract class Activation : IActivation
{
    /// <summary>Every activation there is.</summary>
    public static IReadOnlyList<Activation> All { get; } =
    [
        Of(new Identity()),
        Of(new Relu()),
        Of(new Sigmoid()),
        Of(new Tanh()),
        Of(new Silu()),
    ];

    /// <summary>The formula's name in lower case, as options and the command line take it.</summary>
    public abstract string Name { get; }

    /// <summary>Which of x and y <see cref="Derivative"/> reads; what it does not read need not be kept for the backward pass.</summary>
    public (bool X, bool Y) DerivativeReads { get; private protected init; }

    /// <summary>Makes an activation of a formula, from this assembly or another.</summary>
    public static Activation Of<TF>(TF formula) where TF : struct, IActivation => new Bound<TF>(formula);

    /// <summary>The activation of that name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static Activation Parse(string name) => Catalogue.Find(All, a => a.Name, name, "activation");

    /// <inheritdoc/>
    public abstract TX Forward<TX>(TX x) where TX : IReal<TX>;

    /// <inheritdoc/>
    public abstract TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>;

    /// <summary>Hands the formula, with its own type, to a visitor: double dispatch once, so that the JIT can specialise.</summary>
    public abstract TResult Accept<TResult>(IActivationVisitor<TResult> visitor);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private sealed class Bound<TF> : Activation where TF : struct, IActivation
    {
        private readonly TF formula;

        public Bound(TF formula)
        {
            this.formula = formula;
            var reads = formula.Derivative<Reads>(Reads.First, Reads.Second);
            DerivativeReads = (reads.Has(Reads.First), reads.Has(Reads.Second));
        }

        public override string Name => typeof(TF).Name.ToLowerInvariant();

        public override TX Forward<TX>(TX x) => formula.Forward(x);

        public override TX Derivative<TX>(TX x, TX y) => formula.Derivative(x, y);

        public override TResult Accept<TResult>(IActivationVisitor<TResult> visitor) => visitor.Visit(formula);

        public override bool Equals(object? other) => other is Bound<TF> that && formula.Equals(that.formula);

        public override int GetHashCode() => formula.GetHashCode() ^ typeof(TF).GetHashCode();
    }
}

/// <summary>Receives an activation as the struct it is.</summary>
/// <typeparam name="TResult">What the visit makes.</typeparam>
public interface IActivationVisitor<TResult>
{
    /// <summary>Called with the formula's own type.</summary>
    TResult Visit<TF>(TF formula) where TF : struct, IActivation;
}
