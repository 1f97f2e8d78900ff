using Backprop.Formulas;

namespace Backprop.Training;

/// <summary>η γᵗ. PyTorch's ExponentialLR.</summary>
public sealed record ExponentialRate : Schedule
{
    /// <summary>γ, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Factor { get; init => field = Positive(value); } = 0.95;

    /// <inheritdoc/>
    public override double Rate(double rate, long t, long total) => rate * Optimizer.Power(Factor, t);
}
