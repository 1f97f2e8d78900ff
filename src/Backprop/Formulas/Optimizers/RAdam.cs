using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>Rectified Adam: momentum alone until the second moment's variance is tractable. Liu et al. (2020), algorithm 2, in PyTorch's form.</summary>
/// <remarks>Deviation: see <see cref="Tiny"/>.</remarks>
public sealed record RAdam : Optimizer, IOptimizer<RAdam.Update>
{
    /// <summary>Sets PyTorch's defaults.</summary>
    public RAdam() => LearningRate = 0.001;

    /// <summary>β₁, the decay of the first moment, from 0 to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Beta1 { get; init => field = Decay(value); } = 0.9;

    /// <summary>β₂, the decay of the second moment, from 0 to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Beta2 { get; init => field = Decay(value); } = 0.999;

    /// <summary>ε, added to the root of the second moment, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Epsilon { get; init => field = Positive(value); } = 1e-8;

    /// <inheritdoc/>
    protected override TResult AcceptOwn<TResult>(IOptimizerVisitor<TResult> visitor) => visitor.Visit(this);

    /// <inheritdoc/>
    public Update At(long step, double rate)
    {
        var (power1, power2) = (Power(Beta1, step), Power(Beta2, step));
        // ρ, the length of the approximated simple moving average.
        var limit = 2 / (1 - Beta2) - 1;
        var length = limit - 2 * step * power2 / (1 - power2);
        var rectified = length > 5;
        var rectification = rectified
            ? Math.Sqrt((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)) * Math.Sqrt(1 - power2)
            : 1;
        return new(Beta1, 1 - Beta1, Beta2, 1 - Beta2, Epsilon, rate / (1 - power1) * rectification, rectified ? 1 : 0);
    }

    /// <summary>m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − η/(1 − β₁ᵗ) · m, or r √(1 − β₂ᵗ) / (√v + ε) times that.</summary>
    /// <param name="Beta1">β₁.</param>
    /// <param name="Rest1">1 − β₁.</param>
    /// <param name="Beta2">β₂.</param>
    /// <param name="Rest2">1 − β₂.</param>
    /// <param name="Epsilon">ε.</param>
    /// <param name="Rate">η/(1 − β₁ᵗ), times r √(1 − β₂ᵗ) if rectified.</param>
    /// <param name="Rectified">1 if so, else 0.</param>
    public readonly record struct Update(
        Coefficient Beta1, Coefficient Rest1, Coefficient Beta2, Coefficient Rest2, Coefficient Epsilon, Coefficient Rate, Coefficient Rectified) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 2;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Tiny.Flush(Beta1 * first + Rest1 * gradient);
            second = Tiny.Flush(Beta2 * second + Rest2 * gradient * gradient);
            weight -= Rate * first / TX.IfPositive(Rectified, TX.Sqrt(second) + Epsilon, 1);
        }
    }
}
