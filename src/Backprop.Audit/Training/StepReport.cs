using System.Text.Json.Serialization;

namespace Backprop.Audit;

/// <summary>One step of training from common weights: the tensor with the worst verdict, of equals the one nearest its bound.</summary>
/// <param name="Step">From 1.</param>
/// <param name="Tensor">The tensor after the step: a parameter, what the optimizer remembers beside it, a statistic, or the loss before it.</param>
/// <param name="Row">Row, from 0, of its element farthest out.</param>
/// <param name="Column">Its column, from 0.</param>
/// <param name="Ours">It in the engine.</param>
/// <param name="Torch">It in libtorch's float32; NaN without libtorch, or where libtorch's is not looked at.</param>
/// <param name="Reference">It by plain loops in float64.</param>
/// <param name="Share">Its error as a share of the most that rounding explains; 1 at most.</param>
/// <param name="DoubleShare">The same of the worst element in double, of both sides together.</param>
/// <param name="Verdict">Who is right.</param>
/// <param name="Reason">How that comes.</param>
public sealed record StepAgreement(
    int Step,
    string Tensor,
    int Row,
    int Column,
    double Ours,
    double Torch,
    double Reference,
    double Share,
    double DoubleShare,
    Verdict Verdict,
    string Reason)
{
    /// <summary>How far off that element may be.</summary>
    public double Bound { get; init; }

    /// <summary>libtorch's own worst element; null without libtorch, or where libtorch's is not looked at.</summary>
    public ElementAgreement? TorchWorst { get; init; }

    /// <summary>
    /// Step and worst element in a sentence, libtorch's own where libtorch is worse: place, both numbers, the reference, the bound, the share
    /// in double, and the reason.
    /// </summary>
    [JsonIgnore]
    public string Where => Element.Words(this);
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
        => steps.MaxBy(step => (step.Verdict, double.IsNaN(step.Share) ? double.PositiveInfinity : step.Share))!;
}
