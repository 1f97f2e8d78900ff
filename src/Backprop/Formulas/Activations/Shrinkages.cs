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

/// <summary>x − tanh(x), and tanh²(x). PyTorch's value has an error relative to x, which near 0 is far larger than x³/3; ours has not.</summary>
public readonly record struct TanhShrink : IActivation
{
    // Below, the difference is x³ times this series of x², up to 10⁻¹⁷ of it; above, it has lost a factor of 50 at most.
    private const double Near = 0.25;

    private static ReadOnlySpan<double> Series =>
    [
        1.0 / 3, -2.0 / 15, 17.0 / 315, -62.0 / 2835, 1382.0 / 155925, -21844.0 / 6081075, 929569.0 / 638512875, -6404582.0 / 10854718875,
        443861162.0 / 1856156927625, -18888466084.0 / 194896477400625, 113927491862.0 / 2900518163668125,
    ];

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Forward<TX>(TX x) where TX : IReal<TX>
    {
        var (square, series) = (x * x, (TX)Series[^1]);
        for (var i = Series.Length - 2; i >= 0; i--)
        {
            series = TX.MultiplyAdd(series, square, Series[i]);
        }

        // Of −0 it is 0, as −0 − tanh −0 is.
        return TX.IfPositive(TX.Abs(x) - Near, Definition(x), TX.MultiplyAdd(x * square, series, 0));
    }

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Definition<TX>(TX x) where TX : IReal<TX> => x - TX.Tanh(x);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>
    {
        var tanh = TX.Tanh(x);
        return tanh * tanh;
    }
}
