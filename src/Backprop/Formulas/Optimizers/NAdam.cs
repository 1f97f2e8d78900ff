using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>Adam with Nesterov's momentum. Dozat (2016), with μₜ = β₁ (1 − ½ · 0.96^(t ψ)), as in PyTorch.</summary>
/// <remarks>PyTorch keeps the product of all μ in float, here it is double. Deviation: see <see cref="Tiny"/>.</remarks>
public sealed record NAdam : Optimizer, IOptimizer<NAdam.Update>
{
    private const double LogOf96Hundredths = -0.040821994520255129554577;

    /// <summary>Sets PyTorch's defaults.</summary>
    public NAdam() => LearningRate = 0.002;

    /// <summary>β₁, what the decay of the first moment tends to, from 0 to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Beta1 { get; init => field = Decay(value); } = 0.9;

    /// <summary>β₂, the decay of the second moment, from 0 to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Beta2 { get; init => field = Decay(value); } = 0.999;

    /// <summary>ε, added to the root of the second moment, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Epsilon { get; init => field = Positive(value); } = 1e-8;

    /// <summary>ψ, how fast μ rises from β₁/2 to β₁, from 0 (never) to 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double MomentumDecay { get; init => field = Check(value, value is >= 0 and <= 1, "from 0 to 1"); } = 0.004;

    /// <inheritdoc/>
    protected override TResult AcceptOwn<TResult>(IOptimizerVisitor<TResult> visitor) => visitor.Visit(this);

    /// <inheritdoc/>
    public Update At(long step, double rate)
    {
        var (mu, next, product) = (Mu(step), Mu(step + 1), Product(step));
        return new(
            Beta1,
            1 - Beta1,
            Beta2,
            1 - Beta2,
            Epsilon,
            rate * (1 - mu) / (1 - product),
            rate * next / (1 - product * next),
            1 / (1 - Power(Beta2, step)));
    }

    private double Mu(long step) => Beta1 * (1 - 0.5 * Power(Base(), step));

    /// <summary>μ₁ μ₂ … μₜ.</summary>
    private double Product(long step)
    {
        var (product, power, @base) = (1.0, 1.0, Base());
        // Below 2⁻⁵⁴, 1 − product is 1: further factors, however many there are, change nothing.
        for (var i = 0L; i < step && product > 5.551115123125783e-17; i++)
        {
            power *= @base;
            product *= Beta1 * (1 - 0.5 * power);
        }

        return product;
    }

    /// <summary>0.96^ψ by the series of e^(ψ ln 0.96), whose terms fall below 2⁻⁵³ by the tenth.</summary>
    private double Base()
    {
        var sum = 1.0;
        for (var k = 12; k > 0; k--)
        {
            sum = 1 + MomentumDecay * LogOf96Hundredths / k * sum;
        }

        return sum;
    }

    /// <summary>
    /// m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²,
    /// w ← w − (η (1 − μₜ)/(1 − Πμ) · g + η μₜ₊₁/(1 − Πμ · μₜ₊₁) · m) / (√(v/(1 − β₂ᵗ)) + ε).
    /// </summary>
    /// <param name="Beta1">β₁.</param>
    /// <param name="Rest1">1 − β₁.</param>
    /// <param name="Beta2">β₂.</param>
    /// <param name="Rest2">1 − β₂.</param>
    /// <param name="Epsilon">ε.</param>
    /// <param name="GradientRate">η (1 − μₜ)/(1 − Πμ).</param>
    /// <param name="MomentRate">η μₜ₊₁/(1 − Πμ · μₜ₊₁).</param>
    /// <param name="Correction">1/(1 − β₂ᵗ).</param>
    public readonly record struct Update(
        Coefficient Beta1,
        Coefficient Rest1,
        Coefficient Beta2,
        Coefficient Rest2,
        Coefficient Epsilon,
        Coefficient GradientRate,
        Coefficient MomentRate,
        Coefficient Correction) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 2;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Tiny.Flush(Beta1 * first + Rest1 * gradient);
            second = Tiny.Flush(Beta2 * second + Rest2 * gradient * gradient);
            weight -= (GradientRate * gradient + MomentRate * first) / (TX.Sqrt(second * Correction) + Epsilon);
        }
    }
}
