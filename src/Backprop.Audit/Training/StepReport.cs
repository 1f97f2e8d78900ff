using System.Text.Json.Serialization;

namespace Backprop.Audit;

/// <summary>One step of training from common weights: the tensor with the worst verdict, of equals the one nearest its bound.</summary>
/// <param name="Step">From 1.</param>
/// <param name="Tensor">
/// The tensor after the step: a parameter, what the optimizer remembers beside it, a statistic, or the loss before it.
/// </param>
public sealed record StepAgreement(int Step, TensorAgreement Tensor)
{
    /// <summary>Who is right.</summary>
    public Verdict Verdict => Tensor.Verdict;

    /// <summary>Step and worst element in a sentence, libtorch's own where libtorch is worse, as of <see cref="TensorAgreement.Where"/>.</summary>
    [JsonIgnore]
    public string Where => $"step {Step}, {Tensor.Where}";
}

/// <summary>Steps of a training, each from the same weights and the same memory in every library.</summary>
/// <param name="Optimizer">The optimizer, and the schedule if there is one.</param>
/// <param name="Steps">The steps that were looked at.</param>
public sealed record StepReport(string Optimizer, IReadOnlyList<StepAgreement> Steps)
{
    /// <summary>Why libtorch is no witness; null where it is.</summary>
    public string? TorchMissing { get; init; }

    /// <summary>The worst of all steps.</summary>
    public Verdict Verdict => Worst.Verdict;

    /// <summary>Steps of the training, of which the large ones' are not all looked at.</summary>
    public int Made { get; init; }

    /// <summary>The step with the worst verdict, of equals the one nearest its bound.</summary>
    [JsonIgnore]
    public StepAgreement Worst => WorstOf(Steps);

    internal static StepAgreement WorstOf(IEnumerable<StepAgreement> steps)
        => steps.MaxBy(step => (step.Verdict, double.IsNaN(step.Tensor.WorstShare) ? double.PositiveInfinity : step.Tensor.WorstShare))!;
}
