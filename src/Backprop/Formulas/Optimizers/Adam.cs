using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>Adam. Kingma and Ba (2015), algorithm 1, with ε outside the root after the bias correction, as in PyTorch.</summary>
/// <remarks>Deviation: see <see cref="Tiny"/>.</remarks>
public record Adam : Optimizer, IOptimizer<Adam.Update>, IOptimizer<Adam.LargestUpdate>
{
    /// <summary>Sets the paper's defaults.</summary>
    public Adam() => LearningRate = 0.001;

    /// <inheritdoc/>
    public override string Name => AmsGrad && EqualityContract == typeof(Adam) ? "amsgrad" : base.Name;

    /// <summary>β₁, the decay of the first moment, from 0 to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Beta1 { get; init => field = Decay(value); } = 0.9;

    /// <summary>β₂, the decay of the second moment, from 0 to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Beta2 { get; init => field = Decay(value); } = 0.999;

    /// <summary>ε, added to the root of the second moment, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Epsilon { get; init => field = Positive(value); } = 1e-8;

    /// <summary>Whether the largest second moment so far divides instead of the latest: AMSGrad. Reddi et al. (2018), in PyTorch's form.</summary>
    public bool AmsGrad { get; init; }

    /// <inheritdoc/>
    protected override TResult AcceptOwn<TResult>(IOptimizerVisitor<TResult> visitor)
        => AmsGrad ? visitor.Visit<LargestUpdate>(this) : visitor.Visit<Update>(this);

    /// <inheritdoc/>
    public Update At(long step, double rate)
        => new(Beta1, 1 - Beta1, Beta2, 1 - Beta2, Epsilon, rate / (1 - Power(Beta1, step)), 1 / Math.Sqrt(1 - Power(Beta2, step)));

    /// <summary>PyTorch's SparseAdam: the bias correction of all steps so far, touched or not, and ε beside the uncorrected root.</summary>
    public Update LazyAt(long step, double rate)
        => At(step, rate) with { Rate = rate * Math.Sqrt(1 - Power(Beta2, step)) / (1 - Power(Beta1, step)), Correction = 1 };

    LargestUpdate IOptimizer<LargestUpdate>.At(long step, double rate) => new(At(step, rate));

    LargestUpdate IOptimizer<LargestUpdate>.LazyAt(long step, double rate) => new(LazyAt(step, rate));

    /// <summary>m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − η/(1 − β₁ᵗ) · m / (√v · 1/√(1 − β₂ᵗ) + ε).</summary>
    /// <param name="Beta1">β₁.</param>
    /// <param name="Rest1">1 − β₁.</param>
    /// <param name="Beta2">β₂.</param>
    /// <param name="Rest2">1 − β₂.</param>
    /// <param name="Epsilon">ε.</param>
    /// <param name="Rate">η/(1 − β₁ᵗ).</param>
    /// <param name="Correction">1/√(1 − β₂ᵗ).</param>
    public readonly record struct Update(
        Coefficient Beta1, Coefficient Rest1, Coefficient Beta2, Coefficient Rest2, Coefficient Epsilon, Coefficient Rate, Coefficient Correction) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 2;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Tiny.Flush(Beta1 * first + Rest1 * gradient);
            second = Tiny.Flush(Beta2 * second + Rest2 * gradient * gradient);
            weight -= Rate * first / (TX.Sqrt(second) * Correction + Epsilon);
        }
    }

    /// <summary>As <see cref="Update"/> with v̂ ← max(v̂, v), before bias correction, in v's place.</summary>
    public readonly record struct LargestUpdate(Update Of) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 3;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Tiny.Flush(Of.Beta1 * first + Of.Rest1 * gradient);
            second = Tiny.Flush(Of.Beta2 * second + Of.Rest2 * gradient * gradient);
            third = Piecewise.Larger(third, second);
            weight -= Of.Rate * first / (TX.Sqrt(third) * Of.Correction + Of.Epsilon);
        }
    }
}
