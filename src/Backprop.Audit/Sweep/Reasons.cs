using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>What makes a verdict other than agreement no finding: libtorch's float32 is known to be bad at it, or roundings are not independent.</summary>
internal sealed class Reasons
{
    /// <summary>Roundings that depend on each other, as those of sums of equal terms, and of everything behind one number.</summary>
    public const string Dependent = "roundings that depend on each other, within the bound of those all in one direction";

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
        // 1 / (1 + e⁻ˣ) is 0 where e⁻ˣ overflows.
        ("sigmoid below -87: the exponential overflows", of => Saturating.SelectMany(of.Inputs).Any(x => x < -87)),
        // eˢ itself, where only s and e⁻ˢ are needed.
        ("gaussian of a logarithm of the variance above 88: the exponential overflows", of => of.LogVariances.Any(s => s > 88)),
    ];

    private readonly Model model;
    private readonly Lazy<Dictionary<Signal, double[]>> values;

    public Reasons(NetworkCase of)
    {
        model = of.ToModel();
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
            ?? (tensor.Verdict == Verdict.TheirsWorse ? Weaknesses.FirstOrDefault(weakness => weakness.Shows(this)).Name : null)
            ?? (tensor.Possible <= 1 && !(tensor.DifferenceShare > 1) ? Dependent : null);

    /// <summary>The logarithms of variances that Gaussian heads are given.</summary>
    private IEnumerable<double> LogVariances
        => model.HeadOutputs.Where(output => output.Head is GaussianHead).SelectMany(output => values.Value[output.Logits].Where((_, i) => i % output.Logits.Width >= output.Logits.Width / 2));

    /// <summary>The parameters of the activations of a family.</summary>
    private IEnumerable<double> Parameters(string family)
        => model.Signals.Select(signal => signal.Layer).OfType<Activate>().Where(layer => layer.Function.Family == family).SelectMany(layer => layer.Function.Parameters);

    /// <summary>What the activations of a family are given.</summary>
    private IEnumerable<double> Inputs(string family)
        => from signal in model.Signals where signal.Layer is Activate activate && activate.Function.Family == family from x in values.Value[signal.Inputs[0]] select x;
}
