using Backprop.Formulas;
using Backprop.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Reduction = TorchSharp.torch.nn.Reduction;

namespace Backprop.Torch;

/// <content>Heads: losses as PyTorch's users write them, and what PyTorch leaves to its users or TorchSharp gets wrong, of its primitives.</content>
public static partial class Twins
{
    /// <summary>A head's loss of a batch: its mean, or its sum if the head adds up.</summary>
    /// <param name="head">The task.</param>
    /// <param name="z">rows × logits.</param>
    /// <param name="t">rows × targets, or class numbers: rows, int64.</param>
    /// <param name="weights">rows × 1: example weights, which multiply losses and are no part of a mean's denominator; null for 1 each.</param>
    /// <exception cref="NotSupportedException">None is named yet; the message has the line to add.</exception>
    public static Tensor Of(Head head, Tensor z, Tensor t, Tensor? weights = null)
    {
        var sum = head.Reduction == Formulas.Reduction.Sum;
        if (weights is null)
        {
            return Losses(head, z, t, sum ? Reduction.Sum : Reduction.Mean);
        }

        var losses = Losses(head, z, t, Reduction.None);
        var total = (losses * (losses.dim() == 1 ? weights.squeeze(1) : weights)).sum();
        return sum ? total : total / DivisorOf(head, z, t);
    }

    /// <summary>
    /// What a head's losses, added up, are divided by: the weights of the targets' classes that are not ignored, or how many losses there
    /// are; 1 if the head only adds up.
    /// </summary>
    /// <param name="head">The task.</param>
    /// <param name="z">rows × logits.</param>
    /// <param name="t">rows × targets, or class numbers: rows, int64.</param>
    public static double DivisorOf(Head head, Tensor z, Tensor t)
    {
        if (head.Reduction == Formulas.Reduction.Sum)
        {
            return 1;
        }

        if (head is not MulticlassHead classes)
        {
            return head is GaussianHead ? t.numel() : z.numel();
        }

        if (classes.ProbabilityTargets)
        {
            return z.shape[0];
        }

        var counts = classes.IgnoreIndex is { } ignored ? t.ne(ignored) : ones_like(t).to(ScalarType.Bool);
        var weights = ClassWeights(classes, z) ?? ones(z.shape[1], z.dtype);
        return weights.index_select(0, t.masked_select(counts)).sum().to(ScalarType.Float64).item<double>();
    }

    /// <summary>Element by element, row by row for classes, or reduced.</summary>
    private static Tensor Losses(Head head, Tensor z, Tensor t, Reduction reduction) => head switch
    {
        MulticlassHead f => functional.cross_entropy(z, t, ClassWeights(f, z), f.IgnoreIndex ?? -100, reduction, f.LabelSmoothing),
        QuantileHead f => Quantiles(f.Levels, z, t, reduction),
        GaussianHead => Gaussian(z, t, reduction),
        { OutputLoss: { } loss } => Of(loss, z, t, reduction),
        _ => throw Missing(head.GetType(), $"{head.GetType().Name} f => functional.{head.Name}(z, t, reduction),"),
    };

    private static Tensor? ClassWeights(MulticlassHead head, Tensor z)
        => head.ClassWeights is { } weights ? tensor(weights.ToArray(), ScalarType.Float64).to(z.dtype) : null;

    /// <summary>τ max(t − z, 0) + (1 − τ) max(z − t, 0): PyTorch has no pinball loss.</summary>
    private static Tensor Quantiles(IReadOnlyList<double> levels, Tensor z, Tensor t, Reduction reduction)
    {
        // Both rounded once: 1 − τ of a rounded τ would cancel.
        Tensor Row(Func<double, double> of) => tensor(levels.Select(of).ToArray(), ScalarType.Float64).to(z.dtype);
        return Reduced(Row(tau => tau) * functional.relu(t - z) + Row(tau => 1 - tau) * functional.relu(z - t), reduction);
    }

    /// <summary>Python's gaussian_nll_loss of m, t and eˢ, line by line: TorchSharp's gives the variance no gradient and divides by rows only.</summary>
    private static Tensor Gaussian(Tensor z, Tensor t, Reduction reduction)
    {
        var targets = t.shape[1];
        var (mean, variance) = (z.narrow(1, 0, targets), z.narrow(1, targets, targets).exp());
        var floored = variance.clone();
        using (no_grad())
        {
            floored.clamp_min_(GaussianLikelihood.Floor);
        }

        return Reduced(0.5 * (floored.log() + (mean - t).square() / floored), reduction);
    }

    private static Tensor Reduced(Tensor losses, Reduction reduction) => reduction switch
    {
        Reduction.Mean => losses.mean(),
        Reduction.Sum => losses.sum(),
        _ => losses,
    };
}
