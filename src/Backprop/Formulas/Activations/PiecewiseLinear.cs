using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <content>Straight lines, joined at kinks where the derivative is PyTorch's choice of the two slopes.</content>
public abstract partial class Activation
{
    private static Activation[] PiecewiseLinear =>
        [
            Of(new Identity()), Of(new Relu()), Of(new LeakyRelu()), Of(new Absolute()), Of(new Relu6()), Of(new HardTanh()), Of(new HardSigmoid()),
        ];
}

/// <summary>x. The linear unit of output layers.</summary>
public readonly record struct Identity : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => x;

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 1;
}

/// <summary>max(0, x), with derivative 0 at 0 as in PyTorch, and at NaN, where PyTorch's is 1. Glorot, Bordes and Bengio (2011).</summary>
public readonly record struct Relu : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.IfPositive(-x, 0, x);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(y, 1, 0);
}

/// <summary>x above 0, slope · x elsewhere. Maas, Hannun and Ng (2013).</summary>
/// <param name="Slope">0 or above, 0.01 if not given; for −1, which is |x|, take <see cref="Absolute"/>.</param>
/// <exception cref="ArgumentException">The slope is out of bounds.</exception>
public readonly record struct LeakyRelu(Coefficient Slope) : IActivation
{
    /// <summary>PyTorch's: slope 0.01.</summary>
    public LeakyRelu() : this(0.01)
    {
    }

    /// <summary>The slope below 0.</summary>
    public Coefficient Slope { get; } = Catalogue.Require(
        Slope.Value >= 0 && double.IsFinite(Slope.Value), Slope.Value, "The slope of leakyrelu", "0 or a finite number above");

    /// <inheritdoc/>
    public IReadOnlyList<double> Parameters => [Slope.Value];

    /// <inheritdoc/>
    public Activation With(IReadOnlyList<double> parameters) => Activation.Of(new LeakyRelu(parameters[0]));

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.IfPositive(x, x, Slope * x);

    /// <inheritdoc/>
    // The slope is not negative: y is positive just where x is.
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(y, 1, Slope);
}

/// <summary>|x|, with derivative 0 at 0 and at NaN: the rectification of Jarrett et al. (2009), a leaky ReLU of slope −1.</summary>
public readonly record struct Absolute : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.Abs(x);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(x, 1, TX.IfPositive(-x, -1, 0));
}

/// <summary>min(max(0, x), 6), with derivative 0 at both kinks and at NaN. Krizhevsky (2010).</summary>
public readonly record struct Relu6 : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.IfPositive(x - 6, 6, TX.IfPositive(-x, 0, x));

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(6 - y, TX.IfPositive(y, 1, 0), 0);
}

/// <summary>x, but no less than one bound and no more than the other; derivative 0 at both and at NaN. Collobert (2004).</summary>
/// <param name="Least">The lower bound, −1 if not given.</param>
/// <param name="Most">The upper bound, 1 if not given; above the lower one.</param>
/// <exception cref="ArgumentException">The bounds are not finite, or not in order.</exception>
public readonly record struct HardTanh(Coefficient Least, Coefficient Most) : IActivation
{
    /// <summary>PyTorch's: from −1 to 1.</summary>
    public HardTanh() : this(-1, 1)
    {
    }

    /// <summary>The lower bound.</summary>
    public Coefficient Least { get; } = Catalogue.Require(double.IsFinite(Least.Value), Least.Value, "The lower bound of hardtanh", "a finite number");

    /// <summary>The upper bound.</summary>
    public Coefficient Most { get; } = Catalogue.Require(
        Most.Value > Least.Value && double.IsFinite(Most.Value), Most.Value, "The upper bound of hardtanh",
            $"a finite number above {Catalogue.Show(Least.Value)}");

    /// <inheritdoc/>
    public IReadOnlyList<double> Parameters => [Least.Value, Most.Value];

    /// <inheritdoc/>
    public Activation With(IReadOnlyList<double> parameters) => Activation.Of(new HardTanh(parameters[0], parameters[1]));

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.IfPositive(x - Most, Most, TX.IfPositive(Least - x, Least, x));

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(Most - y, TX.IfPositive(y - Least, 1, 0), 0);
}

/// <summary>(x + 3) / 6 between −3 and 3, else 0 or 1; derivative 0 at both kinks and at NaN.</summary>
public readonly record struct HardSigmoid : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.IfPositive(x - 3, 1, TX.IfPositive(-3 - x, 0, (x + 3) / 6));

    /// <inheritdoc/>
    // From x: beside a kink y rounds to 0 or 1.
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(3 - TX.Abs(x), 1.0 / 6, 0);
}
