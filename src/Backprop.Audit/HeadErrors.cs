using Backprop.Models;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>The errors with which the backward pass begins.</summary>
internal static class HeadErrors
{
    /// <summary>Of logits with errors: the error of each row's share of the loss, the gradient δ, and its error.</summary>
    public static (Torched Loss, Torched Delta, Torched Error) Of(Head head, Torched z, Torched error, TorchBatch<double> batch)
    {
        var rows = batch.Weights is { } weights ? new Torched(weights) / z.Tensor.shape[0] : 1.0 / z.Tensor.shape[0];
        return head.OutputLoss is { } loss ? OfEach(loss, z, error, batch, rows / z.Tensor.shape[1]) : OfClasses(z, error, batch, rows);
    }

    private static (Torched Loss, Torched Delta, Torched Error) OfEach(
        Formulas.Loss loss, Torched z, Torched error, TorchBatch<double> batch, Torched share)
    {
        var (prediction, target) = (new Rounded<Torched>(z, error), new Rounded<Torched>(new(batch.Targets), 0));
        var (value, slope) = (loss.Value(prediction, target), loss.Derivative(prediction, target));

        // PyTorch's form of the binary cross-entropy cancels numbers as large as the logit.
        var terms = (value.Error + Torched.Abs(z)) * share;
        return (new(terms.Tensor.reshape(-1, 1)), slope.Value * share, slope.Error * share);
    }

    /// <summary>p = softmax(z) has the error p (1 + ẑ + Σ p ẑ), and log Σ exp z − z of the target Σ p ẑ + ẑ of the target + 1 + itself.</summary>
    private static (Torched Loss, Torched Delta, Torched Error) OfClasses(Torched z, Torched error, TorchBatch<double> batch, Torched share)
    {
        Torched p = new(softmax(z.Tensor, 1));
        Torched t = new(nn.functional.one_hot(batch.Targets, z.Tensor.shape[1]).to(ScalarType.Float64));
        var (mean, loss) = (RowSums(p * error), new Torched(logsumexp(z.Tensor, 1, keepdim: true)) - RowSums(t * z));
        return (
            (mean + RowSums(t * error) + 1 + Torched.Abs(loss)) * share,
            (p - t) * share,
            (Torched.Abs(p - t) + p * (1 + error + mean) + Rounded<Torched>.Underflow) * share);
    }

    private static Torched RowSums(Torched of) => new(of.Tensor.sum(1, keepdim: true));
}
