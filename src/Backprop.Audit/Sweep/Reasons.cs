using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>What makes a verdict other than agreement no finding: libtorch's float32 is known to be bad at it.</summary>
internal sealed class Reasons
{
    private const double Enormous = 1e30;

    private static readonly IReadOnlyList<string> Saturating = ["sigmoid", "silu", "logsigmoid", "mish"];

    /// <summary>libtorch's weaknesses, by name, and when each shows.</summary>
    private static readonly IReadOnlyList<(string Name, Func<Reasons, bool> Shows)> Weaknesses =
    [
        // ½ x (1 + erf(x / √2)) cancels: its relative error is 1e-4 at −3 and 1 at −5.5.
        ("gelu below -1: 1 + erf cancels", of => of.Inputs("gelu").Any(x => x < -1)),
        ("gelutanh below -1: 1 + tanh cancels", of => of.Inputs("gelutanh").Any(x => x < -1)),
        // x / (1 + |x|) by autograd: 1 / (1 + |x|) − |x| / (1 + |x|)².
        ("softsign beyond 3: the derivative's two terms cancel", of => of.Inputs("softsign").Any(x => Math.Abs(x) > 3)),
        // derivatives.yaml has 1.0/alpha.toFloat(): seen in double, where the rest of it is exact to 1e-16.
        ("celu's derivative: 1 / α of an α rounded to float32, in double too", of => of.Parameters("celu").Any(alpha => alpha != (float)alpha || 1 / alpha != (float)(1 / alpha))),
        // w (σ(z) − 1) of a target 1 is computed as w σ(z) − w: the relative error is u / (1 − σ).
        ("binary with a positive weight, of logits above 0: σ(z) − 1 cancels", of => of.Logits<BinaryHead>(head => head.PositiveWeight != 1).Any(z => z > 0)),
        // 1 / (1 + e⁻ˣ) is 0 where e⁻ˣ overflows.
        ("sigmoid below -87: the exponential overflows", of => Saturating.SelectMany(of.Inputs).Any(x => x < -87)),
        // x α + (β − mean α), α = γ / √(variance + ε): a column that hardly varies is all rounding, at either side of 0.
        ("batchnorm of a column whose mean is above 8 deviations: x α − mean α cancels", of => of.NormalisedColumns.Any(column => Math.Abs(column.Mean) > 8 * column.Deviation)),
        // By way of eˢ, whose gradient is at most ½ e⁻ˢ over the terms of a mean: eˢ overflows above 88, the gradient loses digits below 2⁻¹²⁶.
        ("gaussian of a large logarithm of the variance: eˢ overflows, or its gradient underflows", of => of.LogVariances.Any(s => s > 126 * Math.Log(2) - Math.Log(2 * of.terms))),
    ];

    private readonly Model model;
    private readonly Lazy<Dictionary<Signal, double[]>> values;
    private readonly double terms;

    public Reasons(NetworkCase of)
    {
        model = of.ToModel();
        terms = (double)of.Rows * model.Outputs;
        values = new(() =>
        {
            var (weights, batch) = (of.ToWeights(model).To<double>(), of.ToBatch(model).To<double>());
            using var pass = new GradientPass<double>(model, batch.Rows, new() { Threads = 1 }, batch.SparseFeatures is not null, new(of.Seed), keepSignals: true);
            pass.Run(weights, batch, [.. Enumerable.Range(0, batch.Rows)], new(model), new double[batch.Rows * model.Outputs]);
            return model.Signals.Skip(batch.SparseFeatures is null ? 0 : 1).ToDictionary(signal => signal, pass.ValuesOf);
        });
    }

    /// <summary>Why a tensor does not agree; null if nothing explains it.</summary>
    public string? Explain(TensorAgreement tensor)
        => (tensor.Verdict == Verdict.TheirsWorse && Math.Abs(tensor.WorstReference) > Enormous ? "numbers above 1e30: a product on the way overflows" : null)
            ?? (tensor.Verdict == Verdict.TheirsWorse ? Weaknesses.FirstOrDefault(weakness => weakness.Shows(this)).Name : null);

    /// <summary>What heads of a kind are given.</summary>
    private IEnumerable<double> Logits<TH>(Func<TH, bool> which) where TH : Head
        => model.HeadOutputs.Where(output => output.Head is TH head && which(head)).SelectMany(output => values.Value[output.Logits]);

    /// <summary>The logarithms of variances that Gaussian heads are given.</summary>
    private IEnumerable<double> LogVariances
        => model.HeadOutputs.Where(output => output.Head is GaussianHead).SelectMany(output => values.Value[output.Logits].Where((_, i) => i % output.Logits.Width >= output.Logits.Width / 2));

    /// <summary>The parameters of the activations of a family.</summary>
    private IEnumerable<double> Parameters(string family)
        => model.Signals.Select(signal => signal.Layer).OfType<Activate>().Where(layer => layer.Function.Family == family).SelectMany(layer => layer.Function.Parameters);

    /// <summary>Mean and √(variance + ε) of the columns that batch normalisations are given.</summary>
    private IEnumerable<(double Mean, double Deviation)> NormalisedColumns
        => from signal in model.Signals
           where signal.Layer is BatchNorm
           let epsilon = ((BatchNorm)signal.Layer!).Epsilon
           from column in values.Value[signal.Inputs[0]].Index().GroupBy(pair => pair.Index % signal.Inputs[0].Width, pair => pair.Item)
           let mean = column.Average()
           select (mean, Math.Sqrt(column.Average(x => (x - mean) * (x - mean)) + epsilon));

    /// <summary>What the activations of a family are given.</summary>
    private IEnumerable<double> Inputs(string family)
        => from signal in model.Signals where signal.Layer is Activate activate && activate.Function.Family == family from x in values.Value[signal.Inputs[0]] select x;
}
