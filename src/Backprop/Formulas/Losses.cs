using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>ℓ(z, t) of one output z and its target t, and ∂ℓ/∂z.</summary>
public interface ILoss
{
    /// <summary>ℓ(z, t).</summary>
    TX Value<TX>(TX z, TX t) where TX : IReal<TX>;

    /// <summary>∂ℓ/∂z.</summary>
    TX Derivative<TX>(TX z, TX t) where TX : IReal<TX>;

    /// <summary>Whether z &gt; 0 predicts that t is above one half, so that rows can be counted as right or wrong.</summary>
    static virtual bool SignPredicts => false;
}

/// <summary>(z − t)². The Gaussian's negative log-likelihood up to constants.</summary>
public readonly record struct SquaredError : ILoss
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => (z - t) * (z - t);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => 2 * (z - t);
}

/// <summary>−t log σ(z) − (1 − t) log(1 − σ(z)), from the logit z and stable for every z: max(z, 0) − z t + log(1 + e^−|z|).</summary>
public readonly record struct BinaryCrossEntropy : ILoss
{
    /// <inheritdoc/>
    public static bool SignPredicts => true;

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => TX.IfPositive(z, z, 0) - z * t + TX.Log1p(TX.Exp(-TX.Abs(z)));

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => TX.Sigmoid(z) - t;
}

/// <summary>A loss summed output by output, chosen at run time: the catalogue's row.</summary>
public abstract class Loss : ILoss
{
    /// <summary>Every elementwise loss there is. (Softmax cross-entropy couples the outputs of a row: it is an op.)</summary>
    public static IReadOnlyList<Loss> All { get; } = [Of(new SquaredError()), Of(new BinaryCrossEntropy())];

    /// <summary>The formula's name in lower case.</summary>
    public abstract string Name { get; }

    /// <summary>Makes a loss of a formula, from this assembly or another.</summary>
    public static Loss Of<TF>(TF formula) where TF : struct, ILoss => new Bound<TF>(formula);

    /// <inheritdoc/>
    public abstract TX Value<TX>(TX z, TX t) where TX : IReal<TX>;

    /// <inheritdoc/>
    public abstract TX Derivative<TX>(TX z, TX t) where TX : IReal<TX>;

    /// <summary>Hands the formula, with its own type, to a visitor.</summary>
    public abstract TResult Accept<TResult>(ILossVisitor<TResult> visitor);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private sealed class Bound<TF>(TF formula) : Loss where TF : struct, ILoss
    {
        public override string Name => typeof(TF).Name.ToLowerInvariant();

        public override TX Value<TX>(TX z, TX t) => formula.Value(z, t);

        public override TX Derivative<TX>(TX z, TX t) => formula.Derivative(z, t);

        public override TResult Accept<TResult>(ILossVisitor<TResult> visitor) => visitor.Visit(formula);
    }
}

/// <summary>Receives a loss as the struct it is.</summary>
/// <typeparam name="TResult">What the visit makes.</typeparam>
public interface ILossVisitor<TResult>
{
    /// <summary>Called with the formula's own type.</summary>
    TResult Visit<TF>(TF formula) where TF : struct, ILoss;
}
