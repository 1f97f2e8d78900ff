using Backprop.Models;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>How large float32's rounding errors may be, number by number, to first order: the network run on absolute values, in float64.</summary>
/// <remarks>
/// A sum of products x·w with errors x̂ has the error |w|·x̂ + 2 |w|·|x|: one rounding for the products, one for the additions.
/// So forward ẑ = |W| (â + 2 |a|) + 2 |b|; backward δ̂ ← |f′| |W|ᵀ (δ̂ + 2 |δ|) + |Wᵀδ| (f̂′ + |f′|); weight gradients have
/// (δ̂ + 2 |δ|)ᵀ |a| + |δ|ᵀ â, biases Σ (δ̂ + |δ|). <see cref="Rounded{TX}"/> reads â, f̂′ and the logits' δ̂ off the formulas of
/// activation and loss, whichever they are. All in units of 2⁻²⁴.
/// Units whose derivative float32 may take on the other side of a kink get, apart, the size of what that would change.
/// </remarks>
internal sealed class ErrorScales
{
    /// <summary>Runs the network.</summary>
    public ErrorScales(Weights<double> weights, Examples<double> batch)
    {
        using var scope = NewDisposeScope();
        var mlp = weights.Mlp;
        var rows = Enumerable.Range(0, batch.Rows).ToArray();
        using var tensors = new TorchBatch<double>(mlp.Head, batch, rows);
        var layers = Forward(mlp, weights, tensors.Features);
        var (loss, delta, error) = HeadErrors(mlp.Head, layers[^1].Z, layers[^1].Error, tensors);
        var kink = zeros_like(error);
        Add("loss", loss, zeros_like(loss));
        Add("logits", layers[^1].Error, zeros_like(error));
        for (var l = mlp.Layers - 1; l >= 0; l--)
        {
            var layer = layers[l];
            var (input, size) = (layer.Input.abs(), delta.abs());
            Add(weights.Tensors[2 * l].Name, (error + 2 * size).T.matmul(input) + size.T.matmul(layer.InputError), kink.T.matmul(input));
            Add(weights.Tensors[2 * l + 1].Name, (error + size).sum([0L]), kink.sum([0L]));
            if (l > 0)
            {
                var (slope, arriving) = (layers[l - 1].Slope!.Value, delta.matmul(layer.Weight));
                var open = slope.Open.Tensor > 0;
                NoteKinks(open, layers[l - 1], l - 1);
                var (weight, factor) = (layer.Weight.abs(), slope.Value.Tensor.abs());
                kink = kink.matmul(weight) * factor + where(open, arriving.abs() / Rounded<Torched>.Unit, 0.0);
                error = (error + 2 * size).matmul(weight) * factor + arriving.abs() * (slope.Error.Tensor + factor) + Rounded<Torched>.Underflow;
                delta = arriving * slope.Value.Tensor;
            }
        }
    }

    /// <summary>The scale of each number, under the names of loss, logits and parameters.</summary>
    public Dictionary<string, (double[] Scale, double[] Kink)> ByName { get; } = [];

    /// <summary>The units too near a kink to tell which side float32 takes.</summary>
    public List<string> Kinks { get; } = [];

    private static List<Layer> Forward(Mlp mlp, Weights<double> weights, Tensor features)
    {
        var layers = new List<Layer>();
        var (activation, activationError) = (features, zeros_like(features));
        for (var l = 0; l < mlp.Layers; l++)
        {
            var weight = Of(weights, weights.Tensors[2 * l]);
            var bias = Of(weights, weights.Tensors[2 * l + 1]);
            var z = activation.matmul(weight.T) + bias;
            var error = (activationError + 2 * activation.abs()).matmul(weight.abs().T) + 2 * bias.abs();
            Rounded<Torched>? slope = null;
            var (input, inputError) = (activation, activationError);
            if (l < mlp.Layers - 1)
            {
                var x = new Rounded<Torched>(new(z), new(error));
                var y = mlp.Activation.Forward(x);
                slope = mlp.Activation.Derivative(x, y);
                (activation, activationError) = (y.Value.Tensor, y.Error.Tensor);
            }

            layers.Add(new(weight, input, inputError, z, error, slope));
        }

        return layers;
    }

    private static (Tensor Loss, Tensor Delta, Tensor Error) HeadErrors(Head head, Tensor z, Tensor zError, TorchBatch<double> batch)
    {
        var share = (batch.Weights ?? ones(1, dtype: ScalarType.Float64)) / z.shape[0];
        if (Twins.Formula(head) is { } formula)
        {
            var (prediction, target) = (new Rounded<Torched>(new(z), new(zError)), new Rounded<Torched>(new(batch.Targets), 0));
            var (value, slope) = (formula.Value(prediction, target), formula.Derivative(prediction, target));
            share /= z.shape[1];
            
            // PyTorch's form of the cross-entropy cancels numbers of the logits' size.
            return (((value.Error.Tensor + z.abs()) * share).sum(), slope.Value.Tensor * share, slope.Error.Tensor * share);
        }

        var p = softmax(z, 1);
        var t = zeros_like(p).scatter_(1, batch.Targets.unsqueeze(1), ones_like(p));
        var mean = (p * zError).sum(1, keepdim: true);
        var rowLoss = logsumexp(z, 1, keepdim: true) - (t * z).sum(1, keepdim: true);
        var rowError = mean + (t * zError).sum(1, keepdim: true) + 1 + rowLoss.abs();
        return ((rowError * share).sum(), (p - t) * share, ((p - t).abs() + p * (1 + zError + mean)) * share);
    }

    private static Tensor Of(Weights<double> weights, WeightTensor of)
    {
        var values = tensor(weights[of].ToArray(), ScalarType.Float64);
        return of.Name.EndsWith("weight", StringComparison.Ordinal) ? values.reshape(of.Rows, of.Columns) : values;
    }

    private void Add(string name, Tensor scale, Tensor kink)
        => ByName.Add(name, (scale.contiguous().data<double>().ToArray(), kink.contiguous().data<double>().ToArray()));

    private void NoteKinks(Tensor open, Layer layer, int l)
    {
        if (open.dim() < 2)
        {
            return; // a derivative without a branch
        }

        var where = open.nonzero();
        for (var i = 0L; i < where.shape[0]; i++)
        {
            var (row, unit) = (where[i, 0].item<long>(), where[i, 1].item<long>());
            Kinks.Add(FormattableString.Invariant(
                $"row {row}, unit {unit} of hidden layer {l + 1}: {layer.Z[row, unit].item<double>():G4} before the activation, undecided within ±{layer.Error[row, unit].item<double>() * Rounded<Torched>.Unit:G2}"));
        }
    }

    private sealed record Layer(Tensor Weight, Tensor Input, Tensor InputError, Tensor Z, Tensor Error, Rounded<Torched>? Slope);
}
