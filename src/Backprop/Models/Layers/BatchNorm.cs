using Backprop.Graph;
using Backprop.Kernels;

namespace Backprop.Models.Layers;

/// <summary>(x − mean) / √(variance + ε) · γ + β for each column. Ioffe and Szegedy (2015). PyTorch's <c>nn.BatchNorm1d</c>.</summary>
/// <remarks>
/// In training, mean and variance are the batch's, and running ones are gathered: running ← (1 − momentum) · running + momentum ·
/// the batch's, the variance unbiased. Else the running ones are used. A batch of one row has no variance, and is refused in training.
/// </remarks>
public sealed class BatchNorm : Layer
{
    /// <summary>ε, above 0.</summary>
    public double Epsilon { get; init => field = Check(value, value > 0 && double.IsFinite(value), nameof(Epsilon), "a finite number above 0"); } = 1e-5;

    /// <summary>How much of the running statistics a batch replaces, above 0, at most 1; null for the mean over all batches so far.</summary>
    public double? Momentum { get; init => field = Check(value, value is null or (> 0 and <= 1), nameof(Momentum), "above 0 and at most 1"); } = 0.1;

    /// <inheritdoc/>
    public override int LeastRows => 2;

    /// <inheritdoc/>
    public override int ColumnsOf(IReadOnlyList<int> inputs) => Only(inputs);

    /// <inheritdoc/>
    public override IReadOnlyList<LayerTensor> TensorsOf(IReadOnlyList<int> inputs) =>
    [
        .. Standardisation.Affine(inputs[0]),
        new("running_mean", 1, inputs[0], TensorLayout.Vector, new Zeros()) { Learned = false },
        new("running_var", 1, inputs[0], TensorLayout.Vector, new Constant { Value = 1 }) { Learned = false },
        new("num_batches_tracked", 1, 1, TensorLayout.Vector, new Zeros()) { Learned = false },
    ];

    /// <inheritdoc/>
    public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode)
    {
        var (x, runningMean, runningVariance, batches) = (inputs[0], tensors[2], tensors[3], tensors[4]);
        if (!mode.Training)
        {
            return Standardisation.Of(x - runningMean, tensors[0] / (runningVariance + Epsilon).Sqrt(), tensors[1]);
        }

        // Beside the normalisation, for the running ones alone: nothing is differentiated through them.
        var mean = x.MeanRows();
        var variance = Node.Map(new SquaredDeviation(), x, mean).MeanRows();
        // n / (n − 1) times the mean of squares.
        var unbiased = variance / (1 - Node.BatchShare());
        mode.Assign(batches, seen => seen + 1);
        Node share = Momentum is { } momentum ? momentum : 1 / mode.Assignments[batches];
        mode.Assign(runningMean, running => running + share * (mean - running));
        mode.Assign(runningVariance, running => running + share * (unbiased - running));
        return Standardisation.Of(x.NormaliseColumns(Epsilon), tensors[0], tensors[1]);
    }

    /// <inheritdoc/>
    public override string ToString() => "batch norm";
}
