using Backprop.Formulas;

namespace Backprop.Training;

/// <summary>η γ^⌊t/s⌋: the learning rate falls every s. PyTorch's StepLR.</summary>
public sealed record StepRate : Schedule
{
    /// <summary>s, from 1.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public long Every { get; init => field = Check(value, value >= 1, "1 or more"); } = 30;

    /// <summary>γ, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Factor { get; init => field = Positive(value); } = 0.1;

    /// <inheritdoc/>
    public override double Rate(double rate, long t, long total) => rate * Optimizer.Power(Factor, t / Every);
}
