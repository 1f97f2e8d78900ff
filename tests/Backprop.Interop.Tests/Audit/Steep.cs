using Backprop.Formulas;

namespace Backprop.Interop.Tests.Audit;

/// <summary>tanh x with a derivative that is off by a millionth.</summary>
internal readonly record struct Steep : IActivation
{
    public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.Tanh(x);

    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 1.000001 * (1 - y * y);
}
