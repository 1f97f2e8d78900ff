using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Audit.Mutations;

/// <summary>Formulas that take the other slope at a kink, and are right everywhere else.</summary>
internal static class BrokenKinks
{
    /// <summary>ReLU with slope 1 at 0.</summary>
    public readonly record struct SteepRelu : IActivation
    {
        [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => new Relu().Forward(x);

        [MethodImpl(AggressiveInlining)]
        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(-x, 0, new Relu().Derivative(x, y) + TX.IfPositive(TX.Abs(x), 0, 1));
    }

    /// <summary>SELU with the slope λ of its line at 0, not that of its exponential.</summary>
    public readonly record struct SeluOfLine : IActivation
    {
        [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => new Selu().Forward(x);

        [MethodImpl(AggressiveInlining)]
        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(-x, new Selu().Derivative(x, y), 1.0507009873554805);
    }

    /// <summary>Hard tanh with slope 1 at its bounds, as clamp has.</summary>
    public readonly record struct InclusiveHardTanh : IActivation
    {
        [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => new HardTanh().Forward(x);

        [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(TX.Abs(x) - 1, 0, 1);
    }

    /// <summary>Hard swish with the slope 1½ of its parabola at 3.</summary>
    public readonly record struct HardSwishOfParabola : IActivation
    {
        [MethodImpl(AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => new HardSwish().Forward(x);

        [MethodImpl(AggressiveInlining)]
        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(x - 3, 1, TX.IfPositive(-3 - x, 0, x / 3 + 0.5));
    }

    /// <summary>|z − t| with slope 1 at z = t.</summary>
    public readonly record struct SteepAbsoluteError : ILoss
    {
        [MethodImpl(AggressiveInlining)] public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => TX.Abs(z - t);

        [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => TX.IfPositive(t - z, -1, 1);
    }
}
