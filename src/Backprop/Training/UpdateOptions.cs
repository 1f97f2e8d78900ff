namespace Backprop.Training;

/// <summary>What happens to gradients and weights around an optimizer; by default nothing.</summary>
public sealed record UpdateOptions
{
    /// <summary>Parameters with a learning rate or regularisation of their own, or frozen.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; init; } = [];

    /// <summary>The most that the norm of all gradients together may be, above 0; null for no bound.</summary>
    /// <remarks>
    /// PyTorch's clip_grad_norm_: gradients are multiplied by the smaller of 1 and bound / (norm + 1e-6), before weight decay joins them.
    /// Its squares of float gradients overflow from 1.8e19 on; here they are added up in double, in an order that does not depend on threads.
    /// </remarks>
    public double? ClipNorm { get; init; }

    /// <summary>The most that each number of a gradient may be, either way, above 0; null for no bound. After <see cref="ClipNorm"/>.</summary>
    public double? ClipValue { get; init; }

    /// <summary>How many batches make one update, from 1.</summary>
    /// <remarks>
    /// The update's gradient is that of one batch of all their rows: the mean of the batches' gradients, each counted for what its own mean
    /// divides by (rows, or the weights of their classes), or their sum where the head adds up. Where there are several heads, batches
    /// count for their rows. An epoch's last update takes the batches that are left.
    /// </remarks>
    public int AccumulatedBatches { get; init; } = 1;

    /// <summary>Decay d of a moving average of the weights, above 0 and below 1, which validation and the result then use; null for none.</summary>
    /// <remarks>Average ← d · average + (1 − d) · weights after every update; the first update's weights begin it, as in PyTorch's AveragedModel.</remarks>
    public double? AverageDecay { get; init; }

    /// <summary>Whether an update needs all gradients first.</summary>
    internal bool GathersGradients => ClipNorm is not null || AccumulatedBatches > 1;
}
