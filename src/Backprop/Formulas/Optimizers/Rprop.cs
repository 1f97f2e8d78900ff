using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>Resilient backpropagation: a step size for each weight, by the gradient's sign alone. Riedmiller and Braun (1993), in PyTorch's form.</summary>
/// <remarks>
/// For whole batches: between different mini-batches a sign says little. Each weight's step size starts at the learning rate of the step
/// that first reads it; later rates play no part.
/// </remarks>
public sealed record Rprop : Optimizer, IOptimizer<Rprop.Update>
{
    /// <summary>Sets PyTorch's defaults.</summary>
    public Rprop() => LearningRate = 0.01;

    /// <summary>η⁻, by which a step size shrinks where the gradient changed its sign, above 0 and below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Shrink { get; init => field = Check(value, value is > 0 and < 1, "above 0 and below 1"); } = 0.5;

    /// <summary>η⁺, by which it grows where the gradient kept its sign, above 1.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Grow { get; init => field = Check(value, value > 1 && double.IsFinite(value), "a finite number above 1"); } = 1.2;

    /// <summary>The least step size, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double LeastStep { get; init => field = Positive(value); } = 1e-6;

    /// <summary>The largest step size, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double LargestStep { get; init => field = Positive(value); } = 50;

    /// <inheritdoc/>
    protected override TResult AcceptOwn<TResult>(IOptimizerVisitor<TResult> visitor) => LeastStep <= LargestStep
        ? visitor.Visit(this)
        : throw new ArgumentException($"LeastStep is {LeastStep}, above LargestStep, which is {LargestStep}. Exchange them.");

    /// <inheritdoc/>
    public Update At(long step, double rate) => new(rate, Shrink, Grow, LeastStep, LargestStep);

    /// <summary>
    /// s ← s · (η⁺ where g g₋₁ &gt; 0, η⁻ where g g₋₁ &lt; 0), kept between its bounds; g ← 0 where g g₋₁ &lt; 0; w ← w − sign(g) s; g₋₁ ← g.
    /// </summary>
    public readonly record struct Update(Coefficient Initial, Coefficient Shrink, Coefficient Grow, Coefficient Least, Coefficient Largest) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 2;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            // Signs, not gradients: a product of two small ones would be 0.
            var change = Piecewise.Sign(gradient) * Piecewise.Sign(first);
            // A step size is above 0: one of 0 was never taken.
            var size = TX.IfPositive(second, second, Initial) * TX.IfPositive(change, Grow, TX.IfPositive(-change, Shrink, 1));
            second = Piecewise.Clamp(size, Least, Largest);
            first = TX.IfPositive(-change, 0, gradient);
            weight -= Piecewise.Sign(first) * second;
        }
    }
}
