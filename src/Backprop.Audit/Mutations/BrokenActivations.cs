using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Audit.Mutations;

/// <summary>An activation of which a part is wrong: value or derivative are another's, or a slip of their own.</summary>
internal static class BrokenActivations
{
    /// <summary>x/2 · (1 + tanh(√(2/π) (x + c x³))) with two digits of c = 0.044715 exchanged; the derivative is that of this.</summary>
    public readonly record struct MistypedGelu : IActivation
    {
        private const double TwoRootTwoOverPi = 1.5957691216057308, Cubic = 0.044175;

        [MethodImpl(AggressiveInlining)]
        public TX Forward<TX>(TX x) where TX : IReal<TX> => x * Gate(x);

        [MethodImpl(AggressiveInlining)]
        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>
        {
            var gate = Gate(x);
            return gate * (1 + TwoRootTwoOverPi * x * (1 + 3 * Cubic * x * x) * (1 - gate));
        }

        [MethodImpl(AggressiveInlining)]
        private static TX Gate<TX>(TX x) where TX : IReal<TX> => TX.Sigmoid(TwoRootTwoOverPi * x * (1 + Cubic * x * x));
    }

    /// <summary>x Φ(x) with the derivative Φ(x), without the density x φ(x).</summary>
    public readonly record struct GeluWithoutDensity : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => new Gelu().Forward(x);

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 0.5 * TX.Erfc(-0.7071067811865476 * x);
    }

    /// <summary>σ(x) with the derivative y, without 1 − y.</summary>
    public readonly record struct SigmoidWithoutRest : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.Sigmoid(x);

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => y;
    }

    /// <summary>tanh x with the derivative 1 − y instead of 1 − y².</summary>
    public readonly record struct TanhWithoutSquare : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.Tanh(x);

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 1 - y;
    }

    /// <summary>tanh x with a derivative that is off by a millionth.</summary>
    public readonly record struct SteepTanh : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.Tanh(x);

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 1.000001 * (1 - y * y);
    }

    /// <summary>tanh x as 2σ(2x) − 1, which cancels near 0.</summary>
    public readonly record struct TanhBySigmoid : IActivation
    {
        [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => 2 * TX.Sigmoid(2 * x) - 1;

        [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 1 - y * y;
    }

    /// <summary>min(max(0, x), 6) with the derivative of max(0, x).</summary>
    public readonly record struct UnboundedRelu6 : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => new Relu6().Forward(x);

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(y, 1, 0);
    }

    /// <summary>x above 0, x/100 below, with the derivative 1/10 there.</summary>
    public readonly record struct LeakierRelu : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.IfPositive(x, x, 0.01 * x);

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(y, 1, 0.1);
    }

    /// <summary>x σ(x) with the derivative σ(x), as if the gate were a constant.</summary>
    public readonly record struct SiluOfConstantGate : IActivation
    {
        [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => new Silu().Forward(x);

        [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.Sigmoid(x);
    }

    /// <summary>log(1 + e^βx) / β with the derivative β σ(βx).</summary>
    /// <param name="Beta">β.</param>
    public readonly record struct SteepSoftplus(Coefficient Beta) : IActivation
    {
        [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => new Softplus(Beta).Forward(x);

        [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => Beta * new Softplus(Beta).Derivative(x, y);
    }

    /// <summary>log(1 + eˣ) as it stands, without a bound for x.</summary>
    public readonly record struct OverflowingSoftplus : IActivation
    {
        [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.Log1p(TX.Exp(x));

        [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.Sigmoid(x);
    }

    /// <summary>α (eˣ − 1) below 0 with the derivative eˣ.</summary>
    /// <param name="Alpha">α.</param>
    public readonly record struct EluWithoutAlpha(Coefficient Alpha) : IActivation
    {
        [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => new Elu(Alpha).Forward(x);

        [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(x, 1, TX.Exp(x));
    }
}
