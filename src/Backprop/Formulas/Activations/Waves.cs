using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <content>Periodic functions, of x in radians.</content>
public abstract partial class Activation
{
    private static Activation[] Waves =>
        [
            Of(new Sine()), Of(new Cosine()),
        ];
}

/// <summary>sin x. Sitzmann et al. (2020).</summary>
public readonly record struct Sine : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.Sin(x);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.Cos(x);
}

/// <summary>cos x. Rahimi and Recht (2007) for random features.</summary>
public readonly record struct Cosine : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.Cos(x);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => -TX.Sin(x);
}
