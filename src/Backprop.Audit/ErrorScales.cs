using Backprop.Models;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>How large float32's rounding errors may be, number by number, to first order: the network run on errors, in float64.</summary>
/// <remarks>
/// A sum of n products x·w, x with errors x̂, has the error |w|·(x̂ + r |x|), r being what <see cref="Accumulation"/> says n
/// roundings amount to. So forward ẑ = |W| (â + r |a|) + r |b|; backward δ̂ ← |f′| |W|ᵀ (δ̂ + r |δ|) + |Wᵀδ| (f̂′ + |f′|); weight
/// gradients have (δ̂ + r |δ|)ᵀ |a| + |δ|ᵀ â, biases Σ (δ̂ + r |δ|). <see cref="Rounded{TX}"/> reads â, f̂′ and the logits' δ̂ off
/// the formulas of activation and loss, whichever they are. All in units of 2⁻²⁴.
/// Units whose derivative float32 may take on the other side of a kink get, apart, the size of what that would change.
/// </remarks>
internal sealed class ErrorScales
{
    private readonly Accumulation accumulation;

    /// <summary>Runs the network forward and backward.</summary>
    public ErrorScales(Weights<double> weights, Examples<double> batch, Accumulation accumulation)
    {
        this.accumulation = accumulation;
        using var scope = NewDisposeScope();
        using var tensors = new TorchBatch<double>(weights.Model.Head, batch, Enumerable.Range(0, batch.Rows).ToArray());
        var layers = Forward(weights, new(tensors.Features));
        var (loss, delta, error, kink) = HeadErrors.Of(weights.Model.Head, layers[^1].Z, layers[^1].ZError, tensors);
        NoteKinks(kink, layers[^1], "output");
        Add("loss", accumulation.Sums(loss), new(zeros(1, ScalarType.Float64)));
        Add("logits", layers[^1].ZError, new(zeros_like(error.Tensor)));
        for (var l = layers.Count - 1; l >= 0; l--)
        {
            var (a, aError, size) = (Torched.Abs(layers[l].A), layers[l].AError, Torched.Abs(delta));
            var summed = error + accumulation.Roundings(batch.Rows) * size;
            Add(
                weights.Tensors[2 * l].Name,
                accumulation.Products(Transposed(summed), a) + accumulation.Products(Transposed(size), aError),
                accumulation.Products(Transposed(kink), a));
            Add(weights.Tensors[2 * l + 1].Name, accumulation.Sums(summed), accumulation.Sums(kink));
            if (l > 0)
            {
                var (weight, slope) = (Torched.Abs(layers[l].W), layers[l - 1].Slope);
                var (arriving, factor) = (new Torched(delta.Tensor.matmul(layers[l].W.Tensor)), Torched.Abs(slope.Value));
                NoteKinks(slope.Open, layers[l - 1], $"hidden layer {l}");
                var arrivingError = accumulation.Products(error + accumulation.Roundings(delta.Tensor.shape[1]) * size, weight);
                kink = accumulation.Products(kink, weight) * factor
                    + Torched.IfPositive(slope.Open, Torched.Abs(arriving) / Rounded<Torched>.Unit + arrivingError, 0);
                error = arrivingError * factor + Torched.Abs(arriving) * (slope.Error + factor) + Rounded<Torched>.Underflow;
                delta = arriving * slope.Value;
            }
        }
    }

    /// <summary>The scale of each number, under the names of loss, logits and parameters.</summary>
    public Dictionary<string, (double[] Scale, double[] Kink)> ByName { get; } = [];

    /// <summary>The units too near a kink to tell which side float32 takes.</summary>
    public List<string> Kinks { get; } = [];

    private List<Layer> Forward(Weights<double> weights, Torched features)
    {
        var (mlp, layers) = (weights.Model.ToMlp(), new List<Layer>());
        var a = new Rounded<Torched>(features, 0 * features);
        for (var l = 0; l < mlp.Layers; l++)
        {
            var (w, b) = (Matrix(weights, weights.Tensors[2 * l]), Matrix(weights, weights.Tensors[2 * l + 1]));
            var z = new Torched(a.Value.Tensor.matmul(w.Tensor.T)) + b;
            var roundings = accumulation.Roundings(mlp.Sizes[l]);
            var zError = accumulation.Products(a.Error + roundings * Torched.Abs(a.Value), Transposed(Torched.Abs(w))) + roundings * Torched.Abs(b);
            var input = new Rounded<Torched>(z, zError);
            var output = mlp.Activation.Forward(input);
            layers.Add(new(w, a.Value, a.Error, z, zError, mlp.Activation.Derivative(input, output)));
            a = output;
        }

        return layers;
    }

    private static Torched Matrix(Weights<double> weights, WeightTensor of)
        => new(tensor(weights[of].ToArray(), ScalarType.Float64).reshape(of.Rows, of.Columns));

    private static Torched Transposed(Torched matrix) => new(matrix.Tensor.T);

    private void Add(string name, Torched scale, Torched kink) => ByName.Add(name, (Numbers(scale), Numbers(kink)));

    private static double[] Numbers(Torched of) => of.Tensor.contiguous().data<double>().ToArray();

    private void NoteKinks(Torched open, Layer layer, string where)
    {
        var (units, marks) = (layer.Z.Tensor.shape[1], Numbers(open));
        var (z, error) = (Numbers(layer.Z), Numbers(layer.ZError));
        for (var i = 0; i < marks.Length; i++)
        {
            if (marks[i] > 0)
            {
                var margin = error[i] * Rounded<Torched>.Unit * Rounded<Torched>.Margin;
                Kinks.Add(FormattableString.Invariant(
                    $"Row {i / units}, unit {i % units} of {where}: {z[i]:G4} is undecided within ±{margin:G2}."));
            }
        }
    }

    /// <summary>What comes in (a), the sums before the activation (z), their errors, and the activation's derivative there.</summary>
    private sealed record Layer(Torched W, Torched A, Torched AError, Torched Z, Torched ZError, Rounded<Torched> Slope);
}
