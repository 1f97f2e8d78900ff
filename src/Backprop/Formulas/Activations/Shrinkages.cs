using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <content>x drawn towards 0.</content>
public abstract partial class Activation
{
    private static Activation[] Shrinkages =>
        [
            Of(new SoftShrink()), Of(new TanhShrink()),
        ];
}

/// <summary>x, nearer to 0 by λ; 0 up to λ, where the derivative is 0. Donoho (1995).</summary>
/// <param name="Lambda">0 or above, 0.5 if not given.</param>
/// <exception cref="ArgumentException">λ is out of bounds.</exception>
public readonly record struct SoftShrink(Coefficient Lambda) : IActivation
{
    /// <summary>PyTorch's: λ 0.5.</summary>
    public SoftShrink() : this(0.5)
    {
    }

    /// <summary>λ.</summary>
    public Coefficient Lambda { get; } = Catalogue.Require(
        Lambda.Value >= 0 && double.IsFinite(Lambda.Value), Lambda.Value, "The λ of softshrink", "0 or a finite number above");

    /// <inheritdoc/>
    public IReadOnlyList<double> Parameters => [Lambda.Value];

    /// <inheritdoc/>
    public Activation With(IReadOnlyList<double> parameters) => Activation.Of(new SoftShrink(parameters[0]));

    /// <inheritdoc/>
    // 0 · |x| is 0, or the NaN that x is.
    [MethodImpl(AggressiveInlining)]
    public TX Forward<TX>(TX x) where TX : IReal<TX>
        => TX.IfPositive(x - Lambda, x - Lambda, TX.IfPositive(-(x + Lambda), x + Lambda, 0 * TX.Abs(x)));

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(TX.Abs(y), 1, 0);
}

/// <summary>x − tanh(x), and tanh²(x). As in PyTorch, the value's error is relative to x, not to x³/3, which it is near 0.</summary>
public readonly record struct TanhShrink : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => x - TX.Tanh(x);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>
    {
        var tanh = TX.Tanh(x);
        return tanh * tanh;
    }
}
