using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>AdaGrad: gradients divided by the root of the sum of their squares. Duchi, Hazan and Singer (2011), in PyTorch's form.</summary>
/// <remarks>The initial accumulator is added to the sum when it is read, not kept in it. Deviation: see <see cref="Tiny"/>.</remarks>
public sealed record Adagrad : Optimizer, IOptimizer<Adagrad.Update>
{
    /// <summary>Sets PyTorch's defaults.</summary>
    public Adagrad() => LearningRate = 0.01;

    /// <summary>How fast the learning rate falls, from 0 (not): at step t it is η / (1 + (t − 1) · this).</summary>
    /// <exception cref="ArgumentException">It is below 0 or not finite.</exception>
    public double RateDecay { get; init => field = NotNegative(value); }

    /// <summary>What the sum of squares starts at, from 0.</summary>
    /// <exception cref="ArgumentException">It is below 0 or not finite.</exception>
    public double InitialAccumulator { get; init => field = NotNegative(value); }

    /// <summary>ε, added to the root, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Epsilon { get; init => field = Positive(value); } = 1e-10;

    /// <inheritdoc/>
    protected override TResult AcceptOwn<TResult>(IOptimizerVisitor<TResult> visitor) => visitor.Visit(this);

    /// <inheritdoc/>
    public Update At(long step, double rate) => new(rate / (1 + (step - 1) * RateDecay), InitialAccumulator, Epsilon);

    /// <summary>s ← s + g², w ← w − η/(1 + (t − 1) d) · g / (√(s + s₀) + ε).</summary>
    /// <param name="Rate">η/(1 + (t − 1) d).</param>
    /// <param name="Initial">s₀.</param>
    /// <param name="Epsilon">ε.</param>
    public readonly record struct Update(Coefficient Rate, Coefficient Initial, Coefficient Epsilon) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 1;

        /// <inheritdoc/>
        public static bool RestsAtZero => true;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Tiny.Flush(first + gradient * gradient);
            weight -= Rate * (gradient / (TX.Sqrt(first + Initial) + Epsilon));
        }
    }
}
