using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>RMSprop: gradients divided by the root of their mean square. Hinton (2012), lecture 6; centered: Graves (2013). In PyTorch's form.</summary>
/// <remarks>Deviations: see <see cref="Tiny"/>; and a variance that rounding makes negative counts as 0, where PyTorch's root is NaN.</remarks>
public sealed record RmsProp : Optimizer,
    IOptimizer<RmsProp.Plain>, IOptimizer<RmsProp.WithMomentum>, IOptimizer<RmsProp.CenteredPlain>, IOptimizer<RmsProp.CenteredWithMomentum>
{
    /// <summary>Sets PyTorch's defaults.</summary>
    public RmsProp() => LearningRate = 0.01;

    /// <summary>α, the decay of the mean square, from 0 to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Alpha { get; init => field = Decay(value); } = 0.99;

    /// <summary>μ, from 0 (none) to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Momentum { get; init => field = Decay(value); }

    /// <summary>ε, added to the root, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Epsilon { get; init => field = Positive(value); } = 1e-8;

    /// <summary>Whether the gradients' variance divides instead of their mean square.</summary>
    public bool Centered { get; init; }

    /// <inheritdoc/>
    protected override TResult AcceptOwn<TResult>(IOptimizerVisitor<TResult> visitor) => (Centered, Momentum == 0) switch
    {
        (false, true) => visitor.Visit<Plain>(this),
        (false, false) => visitor.Visit<WithMomentum>(this),
        (true, true) => visitor.Visit<CenteredPlain>(this),
        (true, false) => visitor.Visit<CenteredWithMomentum>(this),
    };

    Plain IOptimizer<Plain>.At(long step, double rate) => new(rate, Alpha, 1 - Alpha, Epsilon);

    WithMomentum IOptimizer<WithMomentum>.At(long step, double rate) => new(rate, Alpha, 1 - Alpha, Epsilon, Momentum);

    CenteredPlain IOptimizer<CenteredPlain>.At(long step, double rate) => new(rate, Alpha, 1 - Alpha, Epsilon);

    CenteredWithMomentum IOptimizer<CenteredWithMomentum>.At(long step, double rate) => new(rate, Alpha, 1 - Alpha, Epsilon, Momentum);

    /// <summary>s ← α s + (1 − α) g², w ← w − η g / (√s + ε).</summary>
    public readonly record struct Plain(Coefficient Rate, Coefficient Alpha, Coefficient Rest, Coefficient Epsilon) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Tiny.Flush(Alpha * first + Rest * gradient * gradient);
            weight -= Rate * (gradient / (TX.Sqrt(first) + Epsilon));
        }
    }

    /// <summary>s ← α s + (1 − α) g², v ← μ v + g / (√s + ε), w ← w − η v.</summary>
    public readonly record struct WithMomentum(Coefficient Rate, Coefficient Alpha, Coefficient Rest, Coefficient Epsilon, Coefficient Momentum) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 2;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Tiny.Flush(Alpha * first + Rest * gradient * gradient);
            second = Tiny.Flush(Momentum * second + gradient / (TX.Sqrt(first) + Epsilon));
            weight -= Rate * second;
        }
    }

    /// <summary>s ← α s + (1 − α) g², a ← α a + (1 − α) g, w ← w − η g / (√(s − a²) + ε).</summary>
    public readonly record struct CenteredPlain(Coefficient Rate, Coefficient Alpha, Coefficient Rest, Coefficient Epsilon) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 2;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Tiny.Flush(Alpha * first + Rest * gradient * gradient);
            second = Tiny.Flush(Alpha * second + Rest * gradient);
            weight -= Rate * (gradient / (TX.Sqrt(Piecewise.Larger(first - second * second, 0)) + Epsilon));
        }
    }

    /// <summary>s ← α s + (1 − α) g², a ← α a + (1 − α) g, v ← μ v + g / (√(s − a²) + ε), w ← w − η v.</summary>
    public readonly record struct CenteredWithMomentum(
        Coefficient Rate, Coefficient Alpha, Coefficient Rest, Coefficient Epsilon, Coefficient Momentum) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 3;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Tiny.Flush(Alpha * first + Rest * gradient * gradient);
            second = Tiny.Flush(Alpha * second + Rest * gradient);
            third = Tiny.Flush(Momentum * third + gradient / (TX.Sqrt(Piecewise.Larger(first - second * second, 0)) + Epsilon));
            weight -= Rate * third;
        }
    }
}
