using System.Text.Json.Serialization;

namespace Backprop.Audit;

/// <summary>
/// How closely one tensor of the engine's, of a pass or after a training step, and the same of libtorch's in float32, match the float64 reference.
/// </summary>
/// <param name="Name"><c>loss</c>, <c>logits</c>, or the parameter whose gradient, or value after the step, it is.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="OursError">‖ours − reference‖ / ‖reference‖.</param>
/// <param name="TorchError">The same of libtorch's float32; null without libtorch.</param>
/// <param name="Limit">The most <paramref name="OursError"/> may be.</param>
/// <param name="WorstRow">Row, from 0, of the element farthest out by <paramref name="WorstShare"/>.</param>
/// <param name="WorstColumn">Its column, from 0.</param>
/// <param name="WorstOurs">It in the engine.</param>
/// <param name="WorstTorch">It in libtorch's float32; null without libtorch.</param>
/// <param name="WorstReference">It in the reference.</param>
/// <param name="WorstShare">Its error as a share of the most that rounding explains; 1 at most.</param>
/// <param name="Verdict">Who is right: by the limits of norm and element, and by the witnesses in double.</param>
public sealed record TensorAgreement(
    string Name,
    int Rows,
    int Columns,
    double OursError,
    double? TorchError,
    double Limit,
    int WorstRow,
    int WorstColumn,
    double WorstOurs,
    double? WorstTorch,
    double WorstReference,
    double WorstShare,
    Verdict Verdict)
{
    /// <summary>‖ours − reference‖ / ‖reference‖ of the engine run in double.</summary>
    public double DoubleError { get; init; }

    /// <summary>The worst element's share of what rounding in double explains, of both sides together; 1 at most.</summary>
    public double DoubleShare { get; init; }

    /// <summary>
    /// Whether our float32 error, or libtorch's, is beyond what independent roundings explain: then the limits are those of errors sampled with
    /// all that ties roundings to each other.
    /// </summary>
    public bool IsSampled { get; init; }

    /// <summary>How far off the engine's worst element may be.</summary>
    public double WorstBound { get; init; }

    /// <summary>libtorch's own worst element; null without libtorch.</summary>
    public ElementAgreement? TorchWorst { get; init; }

    /// <summary>The most <see cref="TorchError"/> may be; null without libtorch.</summary>
    public double? TorchLimit { get; init; }

    /// <summary>libtorch's worst element's share of the most that rounding explains; null without libtorch.</summary>
    public double? TorchShare => TorchWorst?.Share;

    /// <summary>‖libtorch's − reference‖ / ‖reference‖ in double; null without libtorch.</summary>
    public double? TorchDoubleError { get; init; }

    /// <summary>Its worst element's share of what rounding in double explains; null without libtorch.</summary>
    public double? TorchDoubleShare { get; init; }

    /// <summary>
    /// How far the engine's gradient in double is from central differences of its loss along a random direction, as a share of what both may
    /// be off; null for loss and logits, and where none could be taken: <see cref="Reference"/> says why.
    /// </summary>
    public double? DifferenceShare { get; init; }

    /// <summary>How the verdict comes: what the witnesses in double say of the reference, and what float adds to it.</summary>
    public string? Reference { get; init; }

    /// <summary>Why libtorch is worse, where that is known; null where it is not, or is not worse.</summary>
    public string? Reason { get; init; }

    /// <summary>How the errors of its elements are spread; null where it was not looked at.</summary>
    public ErrorSpread? Spread { get; init; }

    /// <summary>
    /// The worst element in a sentence, libtorch's own where libtorch is worse: place, both numbers, the reference and the bound; errors and
    /// limits of the norm; shares in double; and, where not all agree, how that comes.
    /// </summary>
    [JsonIgnore]
    public string Where => Element.Words(this);
}

/// <summary>One element of a tensor, in both libraries.</summary>
/// <param name="Row">Its row, from 0.</param>
/// <param name="Column">Its column, from 0.</param>
/// <param name="Ours">It in the engine.</param>
/// <param name="Torch">It in libtorch's float32.</param>
/// <param name="Reference">It in the reference.</param>
/// <param name="Bound">How far off it may be.</param>
/// <param name="Share">The error of whoever's worst element it is, as a share of the bound.</param>
public sealed record ElementAgreement(int Row, int Column, double Ours, double Torch, double Reference, double Bound, double Share);

/// <summary>One batch's loss, logits and gradients, compared tensor by tensor.</summary>
/// <param name="Network">The network's sizes.</param>
/// <param name="Batch">Rows of the batch.</param>
/// <param name="OursLoss">The engine's loss.</param>
/// <param name="TorchLoss">libtorch's in float32; null without libtorch.</param>
/// <param name="ReferenceLoss">The reference's, in float64.</param>
/// <param name="Tensors">Loss, logits, then the gradients by name.</param>
/// <param name="Kinks">Units so near a kink that float32 may take the other side, one line each, with the side that each library took.</param>
public sealed record GradientReport(
    string Network,
    int Batch,
    double OursLoss,
    double? TorchLoss,
    double ReferenceLoss,
    IReadOnlyList<TensorAgreement> Tensors,
    IReadOnlyList<string> Kinks)
{
    /// <summary>Why libtorch is no witness; null where it is.</summary>
    public string? TorchMissing { get; init; }

    /// <summary>Tells apart, but for chance, runs of the engine in float or double of which any bit differs.</summary>
    internal ulong OursBits { get; init; }

    /// <summary>Whether a number on the way to the loss leaves the range of float.</summary>
    internal bool Overflows { get; init; }

    /// <summary>Whether no tensor's verdict is against us; it may be that nothing could be decided, or that libtorch is worse.</summary>
    public bool NothingAgainstUs => Tensors.All(t => !t.Verdict.IsAgainstUs);
}
