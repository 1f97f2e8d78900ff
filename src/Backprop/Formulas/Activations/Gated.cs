using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <content>x times a gate that opens from 0 to 1. At −∞ they are −0 with derivative 0, at ∞ the derivative is 1; PyTorch's are NaN.</content>
public abstract partial class Activation
{
    private static Activation[] Gated =>
        [
            Of(new Silu()), Of(new Gelu()), Of(new GeluTanh()), Of(new Mish()), Of(new HardSwish()),
        ];
}

/// <summary>x · σ(x). Elfwing, Uchibe and Doya (2017).</summary>
public readonly record struct Silu : IActivation
{
    /// <inheritdoc/>
    // Below −750, σ(x) is 0 in double too.
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.AtLeast(x, -750) * TX.Sigmoid(x);

    /// <inheritdoc/>
    // Above 40, 1 − σ(x) is 0 in double too.
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>
    {
        var gate = TX.Sigmoid(x);
        return gate + TX.AtMost(y, 40) * (1 - gate);
    }
}

/// <summary>x · Φ(x), Φ the normal distribution function, as x/2 · erfc(−x/√2). Hendrycks and Gimpel (2016).</summary>
/// <remarks>
/// libtorch computes Φ as (1 + erf) / 2, which cancels below −3: at −5 it is off by 17 %, below −5.6 it is 0. This one keeps a relative
/// error of about x² roundings.
/// </remarks>
public readonly record struct Gelu : IActivation
{
    private const double RootHalf = 0.7071067811865476;
    private const double OneOverRootTwoPi = 0.3989422804014327;

    /// <inheritdoc/>
    // Below −40, Φ(x) is 0 in double too, and so is its derivative.
    [MethodImpl(AggressiveInlining)]
    public TX Forward<TX>(TX x) where TX : IReal<TX> => 0.5 * TX.AtLeast(x, -40) * TX.Erfc(-RootHalf * x);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>
    {
        var bounded = TX.AtMost(TX.AtLeast(x, -40), 40);
        var density = TX.Exp(-0.5 * bounded * bounded);
        return 0.5 * TX.Erfc(-RootHalf * x) + OneOverRootTwoPi * bounded * density;
    }
}

/// <summary>x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))), written x · σ(2 …) so that nothing cancels. Hendrycks and Gimpel (2016).</summary>
public readonly record struct GeluTanh : IActivation
{
    private const double TwoRootTwoOverPi = 1.5957691216057308;
    private const double Cubic = 0.044715;

    /// <inheritdoc/>
    // Below −40 the gate is 0 in double too, above 40 it is 1.
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.AtLeast(x, -40) * Gate(x);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>
    {
        var bounded = TX.AtMost(TX.AtLeast(x, -40), 40);
        var gate = Gate(bounded);
        return gate * (1 + TwoRootTwoOverPi * bounded * (1 + 3 * Cubic * bounded * bounded) * (1 - gate));
    }

    [MethodImpl(AggressiveInlining)]
    private static TX Gate<TX>(TX x) where TX : IReal<TX> => TX.Sigmoid(TwoRootTwoOverPi * x * (1 + Cubic * x * x));
}

/// <summary>x · tanh(log(1 + eˣ)), as x · n / (n + 2) with n = eˣ (eˣ + 2). Misra (2019).</summary>
public readonly record struct Mish : IActivation
{
    /// <inheritdoc/>
    // Above 21 the gate is 1 in double too, and its derivative lost beside it; below −750 eˣ is 0.
    [MethodImpl(AggressiveInlining)]
    public TX Forward<TX>(TX x) where TX : IReal<TX>
    {
        var power = TX.Exp(TX.AtMost(x, 21));
        var n = power * (power + 2);
        return TX.AtLeast(x, -750) * (n / (n + 2));
    }

    /// <inheritdoc/>
    // The gate and x times its derivative, 4 eˣ (eˣ + 1) / (n + 2)².
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>
    {
        var bounded = TX.AtMost(TX.AtLeast(x, -750), 21);
        var power = TX.Exp(bounded);
        var n = power * (power + 2);
        return (n + 4 * bounded * power * (power + 1) / (n + 2)) / (n + 2);
    }
}

/// <summary>x · (x + 3) / 6 between −3 and 3, else 0 or x; derivative 0 at −3 and 1 at 3. Howard et al. (2019).</summary>
public readonly record struct HardSwish : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.IfPositive(x - 3, x, TX.IfPositive(-3 - x, -0.0, x * (x + 3) / 6));

    /// <inheritdoc/>
    // NaN, which is on no side, stays.
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>
        => TX.IfPositive(3 - TX.Abs(x), x / 3 + 0.5, TX.IfPositive(x, 1, TX.IfPositive(-x, 0, x)));
}
