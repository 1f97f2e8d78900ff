using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <content>Curves that level off, and the logistic function's logarithm and integral.</content>
public abstract partial class Activation
{
    private static Activation[] Sigmoids =>
        [
            Of(new Sigmoid()), Of(new Tanh()), Of(new Softsign()), Of(new SmoothClip()), Of(new LogSigmoid()), Of(new Softplus()),
        ];
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

/// <summary>x / (1 + |x|). Bergstra et al. (2009). ±1 at ±∞, where PyTorch's is NaN.</summary>
public readonly record struct Softsign : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Forward<TX>(TX x) where TX : IReal<TX>
    {
        var bounded = TX.AtMost(TX.AtLeast(x, -1e30), 1e30);
        return bounded / (1 + TX.Abs(bounded));
    }

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>
    {
        var rest = 1 / (1 + TX.Abs(x));
        return rest * rest;
    }
}

/// <summary>
/// x / √(1 + (x/b)²): near x up to b in size, and never beyond it. The smooth clipping of RealMLP, Holzmüller, Grinsztajn and Steinwart (2024).
/// </summary>
/// <param name="Bound">Above 0, 3 if not given.</param>
/// <exception cref="ArgumentException">b is out of bounds.</exception>
public readonly record struct SmoothClip(Coefficient Bound) : IActivation
{
    /// <summary>RealMLP's: b 3.</summary>
    public SmoothClip() : this(3)
    {
    }

    /// <summary>b: the function tends to ±b.</summary>
    public Coefficient Bound { get; } = Catalogue.Require(
        Bound.Value > 0 && double.IsFinite(Bound.Value), Bound.Value, "The bound of smoothclip", "a finite number above 0");

    /// <inheritdoc/>
    public IReadOnlyList<double> Parameters => [Bound.Value];

    /// <inheritdoc/>
    public Activation With(IReadOnlyList<double> parameters) => Activation.Of(new SmoothClip(parameters[0]));

    /// <inheritdoc/>
    // From 10⁹ b on the result is ±b in double too, and a float's square does not overflow yet.
    [MethodImpl(AggressiveInlining)]
    public TX Forward<TX>(TX x) where TX : IReal<TX>
    {
        var ratio = TX.AtMost(TX.AtLeast(x / Bound, -1e9), 1e9);
        return Bound * (ratio / TX.Sqrt(1 + ratio * ratio));
    }

    /// <inheritdoc/>
    // 0 where the square overflows.
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>
    {
        var ratio = x / Bound;
        var rest = 1 / TX.Sqrt(1 + ratio * ratio);
        return rest * rest * rest;
    }
}

/// <summary>log σ(x) = min(x, 0) − log(1 + e^−|x|).</summary>
public readonly record struct LogSigmoid : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.IfPositive(x, 0, x) - Softplus.Rounding(x);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.Sigmoid(-x);
}

/// <summary>log(1 + e^βx) / β, and x where βx is above the threshold. Dugas et al. (2000).</summary>
/// <param name="Beta">Above 0, 1 if not given; the larger, the nearer to ReLU.</param>
/// <param name="Threshold">0 or above, 20 if not given; ∞ for none.</param>
/// <exception cref="ArgumentException">One of them is out of bounds.</exception>
public readonly record struct Softplus(Coefficient Beta, Coefficient Threshold) : IActivation
{
    /// <summary>PyTorch's: β 1, threshold 20.</summary>
    public Softplus() : this(1)
    {
    }

    /// <summary>With PyTorch's threshold 20.</summary>
    public Softplus(Coefficient beta) : this(beta, 20)
    {
    }

    /// <summary>β.</summary>
    public Coefficient Beta { get; } = Catalogue.Require(
        Beta.Value > 0 && double.IsFinite(Beta.Value), Beta.Value, "The β of softplus", "a finite number above 0");

    /// <summary>The value of βx above which the function is taken for x.</summary>
    public Coefficient Threshold { get; } = Catalogue.Require(Threshold.Value >= 0, Threshold.Value, "The threshold of softplus", "0 or above");

    /// <inheritdoc/>
    public IReadOnlyList<double> Parameters => [Beta.Value, Threshold.Value];

    /// <inheritdoc/>
    public Activation With(IReadOnlyList<double> parameters) => Activation.Of(new Softplus(parameters[0], parameters[1]));

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Forward<TX>(TX x) where TX : IReal<TX>
    {
        var z = Beta * x;
        return TX.IfPositive(z - Threshold, x, (TX.IfPositive(z, z, 0) + Rounding(z)) / Beta);
    }

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>
    {
        var z = Beta * x;
        return TX.IfPositive(z - Threshold, 1, TX.Sigmoid(z));
    }

    /// <summary>log(1 + e^−|x|), which rounds the corner of max(x, 0) off; not written with |x|, whose derivative at 0 is 0.</summary>
    [MethodImpl(AggressiveInlining)]
    internal static TX Rounding<TX>(TX x) where TX : IReal<TX> => TX.Log1p(TX.Exp(TX.IfPositive(x, -x, x)));
}
