using Backprop.Formulas;

namespace Backprop.Training;

/// <summary>η γ^n, where n of the milestones have been reached: one given twice counts twice. PyTorch's MultiStepLR.</summary>
public sealed record MultiStepRate : Schedule
{
    /// <summary>When the learning rate falls.</summary>
    public IReadOnlyList<long> Milestones { get; init; } = [30, 80];

    /// <summary>γ, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Factor { get; init => field = Positive(value); } = 0.1;

    /// <inheritdoc/>
    public override double Rate(double rate, long t, long total)
    {
        var reached = 0;
        foreach (var milestone in Milestones)
        {
            reached += milestone <= t ? 1 : 0;
        }

        return rate * Optimizer.Power(Factor, reached);
    }
}
