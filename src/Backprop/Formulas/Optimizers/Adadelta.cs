using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>ADADELTA: steps as large as past steps, for gradients as large as past gradients. Zeiler (2012), algorithm 1.</summary>
/// <remarks>Deviation: see <see cref="Tiny"/>.</remarks>
public sealed record Adadelta : Optimizer, IOptimizer<Adadelta.Update>
{
    /// <summary>Sets PyTorch's defaults.</summary>
    public Adadelta() => LearningRate = 1;

    /// <summary>ρ, the decay of both mean squares, from 0 to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Rho { get; init => field = Decay(value); } = 0.9;

    /// <summary>ε, added inside both roots, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Epsilon { get; init => field = Positive(value); } = 1e-6;

    /// <inheritdoc/>
    protected override TResult AcceptOwn<TResult>(IOptimizerVisitor<TResult> visitor) => visitor.Visit(this);

    /// <inheritdoc/>
    public Update At(long step, double rate) => new(rate, Rho, 1 - Rho, Epsilon);

    /// <summary>s ← ρ s + (1 − ρ) g², d = √(u + ε) / √(s + ε) · g, u ← ρ u + (1 − ρ) d², w ← w − η d.</summary>
    public readonly record struct Update(Coefficient Rate, Coefficient Rho, Coefficient Rest, Coefficient Epsilon) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 2;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Tiny.Flush(Rho * first + Rest * gradient * gradient);
            var delta = TX.Sqrt(second + Epsilon) / TX.Sqrt(first + Epsilon) * gradient;
            second = Tiny.Flush(Rho * second + Rest * delta * delta);
            weight -= Rate * delta;
        }
    }
}
