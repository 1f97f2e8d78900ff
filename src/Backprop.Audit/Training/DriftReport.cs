namespace Backprop.Audit;

/// <summary>After one training step: how far the weights are from those of float64, relative to the distance travelled.</summary>
/// <param name="Step">From 1.</param>
/// <param name="OursDrift">‖ours − reference‖ / ‖reference − start‖.</param>
/// <param name="TorchDrift">The same of libtorch's float32 on one thread; null where it could not follow.</param>
/// <param name="OursLoss">The engine's loss before the update.</param>
/// <param name="TorchLoss">libtorch's in float32; null where it could not follow.</param>
public sealed record DriftStep(int Step, double OursDrift, double? TorchDrift, double OursLoss, double? TorchLoss)
{
    /// <summary>The drift of libtorch's float32 on two threads; null where libtorch could not follow, or where threads change nothing.</summary>
    public double? TwoThreadsDrift { get; init; }

    /// <summary>The drift of libtorch's float32, or the engine's where it could not follow, from first weights one unit in the last place away.</summary>
    public double? MovedDrift { get; init; }

    /// <summary>The most the engine's drift may be at this step; infinite where nothing can be said from it on.</summary>
    public double Limit { get; init; }

    /// <summary>The largest of these three: what chaos makes of rounding.</summary>
    public double Yardstick => new[] { TorchDrift, TwoThreadsDrift, MovedDrift }.OfType<double>().Where(drift => !double.IsNaN(drift)).DefaultIfEmpty(0).Max();
}

/// <summary>Training from the same weights on the same batches, step by step.</summary>
/// <param name="Optimizer">The optimizer, and the schedule if there is one.</param>
/// <param name="Steps">Every step.</param>
/// <param name="Limit">The most the engine's drift may be at the last step: limits of earlier ones are no larger.</param>
/// <param name="Verdict">Whether every step's is within its limit; undecided where a limit says nothing.</param>
public sealed record DriftReport(string Optimizer, IReadOnlyList<DriftStep> Steps, double Limit, Verdict Verdict)
{
    /// <summary>Why libtorch is no witness, and the reference the engine itself in float64; null where it is.</summary>
    public string? TorchMissing { get; init; }

    /// <summary>How the verdict comes.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The engine's largest drift over all steps.</summary>
    public double OursLargest => Steps.Max(s => s.OursDrift);

    /// <summary>libtorch's largest drift over all steps; null where it could not follow.</summary>
    public double? TorchLargest => Steps.Max(s => s.TorchDrift);
}
