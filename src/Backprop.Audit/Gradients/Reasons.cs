using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>Why libtorch is worse: what its float32, or its formula, is known to be bad at.</summary>
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
        // x / √(1 + x²/b²) by autograd: 1 / √(1 + x²/b²) − x²/b² / √(1 + x²/b²)³.
        ("smoothclip and robustscale within a hundredth of their bound: the derivative's two terms cancel", of => of.Clipped.Any(share => share > 0.99)),
        // By autograd 1 − (1 − tanh² x), and x − tanh x is x³ / 3.
        ("tanhshrink between -0.1 and 0.1: x − tanh x and its derivative cancel", of => of.Inputs("tanhshrink").Any(x => Math.Abs(x) < 0.1)),
        // derivatives.yaml has 1.0/alpha.toFloat(): seen in double, where the rest of it is exact to 1e-16.
        ("celu's derivative: 1 / α of an α rounded to float32, in double too",
            of => of.Parameters("celu").Any(alpha => alpha != (float)alpha || 1 / alpha != (float)(1 / alpha))),
        // w (σ(z) − 1) of a target 1 is computed as w σ(z) − w: the relative error is u / (1 − σ).
        ("binary with a positive weight, of logits above 0: σ(z) − 1 cancels", of => of.Logits<BinaryHead>(head => head.PositiveWeight != 1).Any(z => z > 0)),
        // 1 / (1 + e⁻ˣ) is 0 where e⁻ˣ overflows.
        ("sigmoid below -87: the exponential overflows", of => Saturating.SelectMany(of.Inputs).Any(x => x < -87)),
        // x α + (β − mean α), α = γ / √(variance + ε): numbers that hardly vary are all rounding, at either side of 0.
        ("normalisation of numbers whose mean is above 8 deviations: x α − mean α cancels",
            of => of.Normalised.Any(line => Math.Abs(line.Mean) > 8 * line.Deviation)),
        // By way of eˢ, whose gradient is at most ½ e⁻ˢ over the terms of a mean: eˢ overflows above 88, the gradient loses digits below 2⁻¹²⁶.
        ("gaussian of a large logarithm of the variance: eˢ overflows, or its gradient underflows",
            of => of.LogVariances.Any(s => s > 126 * Math.Log(2) - Math.Log(2 * of.terms))),
    ];

    private readonly Model model;

    // Those that the tensor in question depends on.
    private readonly IReadOnlyList<Signal> signals = [];
    private readonly IReadOnlyList<Output> outputs = [];
    private readonly Lazy<Dictionary<Signal, double[]>> values;
    private readonly double terms;

    private Reasons(Weights<float> weights, Examples<float> batch)
    {
        model = weights.Model;
        terms = (double)batch.Rows * model.Outputs;
        values = new(() =>
        {
            var (wide, rows) = (weights.To<double>(), batch.To<double>());
            var random = new TorchRandom(GradientAudit.MaskSeed);
            using var pass = new GradientPass<double>(model, rows.Rows, new() { Threads = 1 }, rows.SparseFeatures is not null, random, keepSignals: true);
            pass.Run(wide, rows, [.. Enumerable.Range(0, rows.Rows)], new(model), new double[rows.Rows * model.Outputs]);
            return model.Signals.Skip(rows.SparseFeatures is null ? 0 : 1).ToDictionary(signal => signal, pass.ValuesOf);
        });
    }

    /// <summary>Those of a tensor alone.</summary>
    /// <remarks>
    /// Logits come of the layers before them. A gradient comes by way of the heads that its layer leads to, and so of everything that leads to
    /// those: what is before the layer, after it, or joins it later.
    /// </remarks>
    private Reasons(Reasons of, string tensor)
    {
        (model, values, terms) = (of.model, of.values, of.terms);
        var layer = model.NamedLayers.Where(named => tensor.StartsWith($"{named.Name}.", StringComparison.Ordinal))
            .OrderByDescending(named => named.Name.Length).Select(named => named.First.Layer).FirstOrDefault();
        var reached = model.HeadOutputs.Select(output => (Output: output, Signals: Before(output.Logits)))
            .Where(head => layer is null || head.Signals.Any(signal => signal.Layer == layer)).ToList();
        signals = [.. reached.SelectMany(head => head.Signals).Distinct()];
        outputs = tensor == "logits" ? [] : [.. reached.Select(head => head.Output)];
    }

    private static HashSet<Signal> Before(Signal last)
    {
        var (found, open) = (new HashSet<Signal>(), new Stack<Signal>([last]));
        while (open.TryPop(out var signal))
        {
            if (found.Add(signal))
            {
                foreach (var input in signal.Inputs)
                {
                    open.Push(input);
                }
            }
        }

        return found;
    }

    /// <summary>The report with the reasons why libtorch is worse, where there are known ones.</summary>
    public static GradientReport Named(GradientReport report, Weights<float> weights, Examples<float> batch)
    {
        if (report.Tensors.All(tensor => tensor.Verdict != Verdict.TheirsWorse))
        {
            return report;
        }

        var reasons = new Reasons(weights, batch);
        return report with
        {
            Tensors = [.. report.Tensors.Select(tensor => tensor.Verdict == Verdict.TheirsWorse ? tensor with { Reason = reasons.Of(tensor) } : tensor)],
        };
    }

    private string? Of(TensorAgreement tensor)
    {
        var its = new Reasons(this, tensor.Name);
        return Math.Abs(tensor.WorstReference) > Enormous
            ? "numbers above 1e30: a product on the way overflows"
            : Weaknesses.FirstOrDefault(weakness => weakness.Shows(its)).Name;
    }

    /// <summary>What heads of a kind are given.</summary>
    private IEnumerable<double> Logits<TH>(Func<TH, bool> which) where TH : Head
        => outputs.Where(output => output.Head is TH head && which(head)).SelectMany(output => values.Value[output.Logits]);

    /// <summary>The logarithms of variances that Gaussian heads are given.</summary>
    private IEnumerable<double> LogVariances
        => from output in outputs
           where output.Head is GaussianHead
           from logit in values.Value[output.Logits].Where((_, i) => i % output.Logits.Width >= output.Logits.Width / 2)
           select logit;

    /// <summary>The parameters of the activations of a family.</summary>
    private IEnumerable<double> Parameters(string family)
        => signals.Select(signal => signal.Layer).OfType<Activate>()
            .Where(layer => layer.Function.Family == family).SelectMany(layer => layer.Function.Parameters);

    /// <summary>Mean and √(variance + ε) of what batch normalisations are given, column by column, and layer normalisations, row by row.</summary>
    private IEnumerable<(double Mean, double Deviation)> Normalised
        => from signal in signals
           let epsilon = (signal.Layer as BatchNorm)?.Epsilon ?? (signal.Layer as LayerNorm)?.Epsilon
           where epsilon is not null
           from line in values.Value[signal.Inputs[0]].Index().GroupBy(
               pair => signal.Layer is BatchNorm ? pair.Index % signal.Width : pair.Index / signal.Width, pair => pair.Item)
           let mean = line.Average()
           select (mean, Math.Sqrt(line.Average(x => (x - mean) * (x - mean)) + epsilon.Value));

    /// <summary>What smooth clippings give, as shares of their bounds.</summary>
    private IEnumerable<double> Clipped
        => from signal in signals
           let clip = signal.Layer as Activate
           let bound = (signal.Layer as RobustScale)?.Bound ?? (clip?.Function.Family == "smoothclip" ? clip.Function.Parameters[0] : null as double?)
           where bound is not null
           from y in values.Value[signal]
           select Math.Abs(y) / bound.Value;

    /// <summary>What the activations of a family are given.</summary>
    private IEnumerable<double> Inputs(string family)
        => from signal in signals
           where signal.Layer is Activate activate && activate.Function.Family == family
           from x in values.Value[signal.Inputs[0]]
           select x;
}
