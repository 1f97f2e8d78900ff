using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Audit.Mutations;

/// <summary>Losses of which a part is wrong.</summary>
internal static class BrokenLosses
{
    /// <summary>Half the squared error's slope: that of (z − t)²/2.</summary>
    public readonly record struct SquaredErrorOfHalfSlope : ILoss
    {
        public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => (z - t) * (z - t);

        public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => z - t;
    }

    /// <summary>Huber's with the line |z − t| − δ/2 of slope 1 beyond δ.</summary>
    /// <param name="Delta">δ.</param>
    public readonly record struct HuberWithoutDelta(Coefficient Delta) : ILoss
    {
        [MethodImpl(AggressiveInlining)]
        public TX Value<TX>(TX z, TX t) where TX : IReal<TX>
        {
            var size = TX.Abs(z - t);
            return TX.IfPositive(size - Delta, size - 0.5 * (TX)Delta, 0.5 * size * size);
        }

        [MethodImpl(AggressiveInlining)]
        public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX>
            => TX.IfPositive(z - t - Delta, 1, TX.IfPositive(t - z - Delta, -1, z - t));
    }

    /// <summary>Smooth L1 whose parabola is not divided by β.</summary>
    /// <param name="Beta">β.</param>
    public readonly record struct SmoothL1WithoutBeta(Coefficient Beta) : ILoss
    {
        [MethodImpl(AggressiveInlining)] public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => new SmoothL1(Beta.Value).Value(z, t);

        [MethodImpl(AggressiveInlining)]
        public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX>
            => TX.IfPositive(z - t - Beta, 1, TX.IfPositive(t - z - Beta, -1, z - t));
    }

    /// <summary>The binary cross-entropy with the weight of the positive class on both.</summary>
    /// <param name="Weight">The weight.</param>
    public readonly record struct BothWeighted(Coefficient Weight) : ILoss
    {
        [MethodImpl(AggressiveInlining)] public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => Weight * new BinaryCrossEntropy().Value(z, t);

        [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => Weight * (TX.Sigmoid(z) - t);
    }

    /// <summary>The binary cross-entropy by the logarithms of p = σ(z) and 1 − p.</summary>
    public readonly record struct CrossEntropyOfProbabilities : ILoss
    {
        [MethodImpl(AggressiveInlining)]
        public TX Value<TX>(TX z, TX t) where TX : IReal<TX>
        {
            var p = TX.Sigmoid(z);
            return -(t * TX.Log(p) + (1 - t) * TX.Log(1 - p));
        }

        [MethodImpl(AggressiveInlining)]
        public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX>
        {
            var p = TX.Sigmoid(z);
            return ((1 - t) / (1 - p) - t / p) * (p * (1 - p));
        }
    }

    /// <summary>Poisson's with the slope z − t, as if z were the rate.</summary>
    public readonly record struct PoissonOfRate : ILoss
    {
        public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => new Poisson().Value(z, t);

        public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => z - t;
    }
}
