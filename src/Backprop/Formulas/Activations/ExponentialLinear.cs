using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <content>A line above 0 and an exponential below; the derivative at 0 is the exponential's.</content>
public abstract partial class Activation
{
    private static Activation[] ExponentialLinear =>
        [
            Of(new Elu()), Of(new Selu()), Of(new Celu()),
        ];
}

/// <summary>x above 0, α (eˣ − 1) elsewhere. Clevert, Unterthiner and Hochreiter (2015).</summary>
/// <param name="Alpha">Above 0, 1 if not given.</param>
/// <exception cref="ArgumentException">α is out of bounds.</exception>
public readonly record struct Elu(Coefficient Alpha) : IActivation
{
    /// <summary>PyTorch's: α 1.</summary>
    public Elu() : this(1)
    {
    }

    /// <summary>α: the function tends to −α.</summary>
    public Coefficient Alpha { get; } = Catalogue.Require(
        Alpha.Value > 0 && double.IsFinite(Alpha.Value), Alpha.Value, "The α of elu", "a finite number above 0");

    /// <inheritdoc/>
    public IReadOnlyList<double> Parameters => [Alpha.Value];

    /// <inheritdoc/>
    public Activation With(IReadOnlyList<double> parameters) => Activation.Of(new Elu(parameters[0]));

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.IfPositive(x, x, Alpha * TX.Expm1(x));

    /// <inheritdoc/>
    // Not y + α, which cancels.
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(x, 1, Alpha * TX.Exp(x));
}

/// <summary>λ times the exponential linear unit of α, which keeps mean 0 and variance 1. Klambauer et al. (2017).</summary>
public readonly record struct Selu : IActivation
{
    private const double Lambda = 1.0507009873554804934193349852946;
    private const double LambdaAlpha = 1.7580993408473768599402175208123;

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.IfPositive(x, Lambda * x, LambdaAlpha * TX.Expm1(x));

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(x, Lambda, LambdaAlpha * TX.Exp(x));
}

/// <summary>x above 0, α (e^(x/α) − 1) elsewhere: without a kink for every α. Barron (2017).</summary>
/// <param name="Alpha">Above 0, 1 if not given.</param>
/// <exception cref="ArgumentException">α is out of bounds.</exception>
public readonly record struct Celu(Coefficient Alpha) : IActivation
{
    /// <summary>PyTorch's: α 1.</summary>
    public Celu() : this(1)
    {
    }

    /// <summary>α: the function tends to −α.</summary>
    public Coefficient Alpha { get; } = Catalogue.Require(
        Alpha.Value > 0 && double.IsFinite(Alpha.Value), Alpha.Value, "The α of celu", "a finite number above 0");

    /// <inheritdoc/>
    public IReadOnlyList<double> Parameters => [Alpha.Value];

    /// <inheritdoc/>
    public Activation With(IReadOnlyList<double> parameters) => Activation.Of(new Celu(parameters[0]));

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.IfPositive(x, x, Alpha * TX.Expm1(x / Alpha));

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(x, 1, TX.Exp(x / Alpha));
}
