using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>The errors with which the backward pass begins.</summary>
/// <param name="Loss">The error of each row's share of the loss.</param>
/// <param name="Delta">The gradient δ with respect to the logits.</param>
/// <param name="Error">Its error.</param>
/// <param name="Kink">What float32 taking the other side of a loss's kink would change; 0 where the side is decided.</param>
internal sealed record HeadErrors(Torched Loss, Torched Delta, Torched Error, Torched Kink)
{
    /// <summary>Of logits with errors.</summary>
    /// <exception cref="NotSupportedException">The head is of a kind that the audit has no errors of.</exception>
    public static HeadErrors Of(Head head, Torched z, Torched error, TorchBatch<double> batch)
    {
        var share = (batch.Weights is { } weights ? new Torched(weights) : 1.0) / Twins.DivisorOf(head, z.Tensor, batch.Targets);
        return head switch
        {
            MulticlassHead classes => OfClasses(classes, z, error, batch, share),
            QuantileHead quantiles => OfQuantiles(quantiles, z, error, batch, share),
            GaussianHead => OfGaussian(z, error, batch, share),
            { OutputLoss: { } loss } => OfEach(loss, z, error, new(batch.Targets), share),
            _ => throw new NotSupportedException($"The audit has no rounding errors of the task {head}. Choose one of: {string.Join(", ", Head.All)}."),
        };
    }

    private static HeadErrors OfEach(Formulas.Loss loss, Torched z, Torched error, Torched targets, Torched share)
    {
        var (prediction, target) = (new Rounded<Torched>(z, error), new Rounded<Torched>(targets, 0));
        var (value, slope) = (loss.Value(prediction, target), loss.Derivative(prediction, target));

        // PyTorch's form of the binary cross-entropy cancels numbers as large as the logit.
        var terms = (value.Error + Torched.Abs(z)) * share;

        // How far the slope goes between the ends of where the logit may lie: not far, unless it jumps there.
        var margin = Rounded<Torched>.Margin * Rounded<Torched>.Unit * error;
        var jump = Torched.Abs(loss.Derivative(z + margin, targets) - loss.Derivative(z - margin, targets));
        return new(Rows(terms), slope.Value * share, slope.Error * share, Torched.IfPositive(slope.Open, jump * share / Rounded<Torched>.Unit, 0));
    }

    private static HeadErrors OfQuantiles(QuantileHead head, Torched z, Torched error, TorchBatch<double> batch, Torched share)
    {
        HeadErrors[] each = [.. head.Levels.Select((level, i) => OfEach(
            Formulas.Loss.Of(new Pinball(level)), Column(z, i, 1), Column(error, i, 1), new(batch.Targets), share))];
        return new(
            new(cat([.. each.Select(of => of.Loss.Tensor)])), Beside(each, of => of.Delta), Beside(each, of => of.Error), Beside(each, of => of.Kink));
    }

    /// <summary>PyTorch's way over the variance eˢ and its logarithm and reciprocal rounds a few times more, as much as the terms are large.</summary>
    private static HeadErrors OfGaussian(Torched z, Torched error, TorchBatch<double> batch, Torched share)
    {
        var targets = batch.Targets.shape[1];
        var (m, s, t) = (
            new Rounded<Torched>(Column(z, 0, targets), Column(error, 0, targets)),
            new Rounded<Torched>(Column(z, targets, targets), Column(error, targets, targets)),
            new Rounded<Torched>(new(batch.Targets), 0));
        var (value, mean, variance) = (
            GaussianLikelihood.Value(m, s, t), GaussianLikelihood.MeanSlope(m, s, t), GaussianLikelihood.LogVarianceSlope(m, s, t));
        var square = 2 * (value.Value - 0.5 * s.Value);
        HeadErrors[] both =
        [
            new(Rows((value.Error + Torched.Abs(s.Value) + 2 * Torched.Abs(square) + 1) * share), mean.Value * share, (mean.Error + 2 * Torched.Abs(mean.Value)) * share, new(zeros_like(m.Value.Tensor))),
            new(0, variance.Value * share, (variance.Error + 2 * (1 + Torched.Abs(square))) * share, new(zeros_like(m.Value.Tensor))),
        ];
        return new(both[0].Loss, Beside(both, of => of.Delta), Beside(both, of => of.Error), Beside(both, of => of.Kink));
    }

    /// <summary>
    /// p = softmax(z) has the error p (1 + ẑ + Σ p ẑ), and log Σ exp z − z of a class Σ p ẑ + ẑ of the class + 1 + itself, which counts q
    /// times. Weights and smoothing make q of a few roundings.
    /// </summary>
    private static HeadErrors OfClasses(MulticlassHead head, Torched z, Torched error, TorchBatch<double> batch, Torched share)
    {
        var (p, q) = (new Torched(softmax(z.Tensor, 1)), Targets(head, z.Tensor, batch.Targets));
        var (mean, total) = (RowSums(p * error), RowSums(q));
        Torched surprise = new(logsumexp(z.Tensor, 1, keepdim: true) - z.Tensor);
        var loss = RowSums(q * surprise);
        var made = head == Head.Multiclass with { Reduction = head.Reduction } ? 0 : 3;
        return new(
            (total * (mean + 1) + RowSums(q * error) + (1 + made) * Torched.Abs(loss)) * share,
            (total * p - q) * share,
            (Torched.Abs(total * p - q) + total * p * (1 + error + mean + made) + made * q + Rounded<Torched>.Underflow) * share,
            new(zeros_like(z.Tensor)));
    }

    /// <summary>What each class counts for in each row.</summary>
    private static Torched Targets(MulticlassHead head, Tensor z, Tensor targets)
    {
        var (classes, smoothing) = (z.shape[1], head.LabelSmoothing);
        var weights = head.ClassWeights is { } given ? tensor(given.ToArray(), ScalarType.Float64) : ones(classes, ScalarType.Float64);
        var counts = head.ClassLabels && head.IgnoreIndex is { } ignored ? targets.ne(ignored) : null;
        var shares = head.ProbabilityTargets ? targets
            : nn.functional.one_hot(counts is null ? targets : targets * counts.to(ScalarType.Int64), classes).to(ScalarType.Float64);
        var q = ((1 - smoothing) * shares + smoothing / classes) * weights;
        return new(counts is null ? q : q * counts.to(ScalarType.Float64).unsqueeze(1));
    }

    private static Torched RowSums(Torched of) => new(of.Tensor.sum(1, keepdim: true));

    private static Torched Rows(Torched terms) => new(terms.Tensor.reshape(-1, 1));

    private static Torched Column(Torched of, long first, long count) => new(of.Tensor.narrow(1, first, count));

    private static Torched Beside(HeadErrors[] parts, Func<HeadErrors, Torched> of) => new(cat([.. parts.Select(part => of(part).Tensor)], 1));
}
