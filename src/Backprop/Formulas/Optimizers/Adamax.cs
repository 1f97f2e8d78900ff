using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>AdaMax: Adam by the largest gradient instead of their mean square. Kingma and Ba (2015), algorithm 2, ε inside the maximum as in PyTorch.</summary>
/// <remarks>Deviation: see <see cref="Tiny"/>.</remarks>
public sealed record Adamax : Optimizer, IOptimizer<Adamax.Update>
{
    /// <summary>Sets the paper's defaults.</summary>
    public Adamax() => LearningRate = 0.002;

    /// <summary>β₁, the decay of the first moment, from 0 to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Beta1 { get; init => field = Decay(value); } = 0.9;

    /// <summary>β₂, the decay of the largest gradient, from 0 to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Beta2 { get; init => field = Decay(value); } = 0.999;

    /// <summary>ε, added to each gradient's size, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Epsilon { get; init => field = Positive(value); } = 1e-8;

    /// <inheritdoc/>
    protected override TResult AcceptOwn<TResult>(IOptimizerVisitor<TResult> visitor) => visitor.Visit(this);

    /// <inheritdoc/>
    public Update At(long step, double rate) => new(Beta1, 1 - Beta1, Beta2, Epsilon, rate / (1 - Power(Beta1, step)));

    /// <summary>m ← β₁ m + (1 − β₁) g, u ← max(β₂ u, |g| + ε), w ← w − η/(1 − β₁ᵗ) · m / u.</summary>
    /// <param name="Beta1">β₁.</param>
    /// <param name="Rest1">1 − β₁.</param>
    /// <param name="Beta2">β₂.</param>
    /// <param name="Epsilon">ε.</param>
    /// <param name="Rate">η/(1 − β₁ᵗ).</param>
    public readonly record struct Update(Coefficient Beta1, Coefficient Rest1, Coefficient Beta2, Coefficient Epsilon, Coefficient Rate) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 2;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Tiny.Flush(Beta1 * first + Rest1 * gradient);
            second = Piecewise.Larger(Beta2 * second, TX.Abs(gradient) + Epsilon);
            weight -= Rate * first / second;
        }
    }
}
