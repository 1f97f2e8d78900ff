using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>What libtorch's float32 is known to be bad at, and whether it is what makes a case's libtorch worse.</summary>
internal sealed class Weaknesses
{
    /// <summary>Every weakness, by name, and when it shows.</summary>
    private static readonly IReadOnlyList<(string Name, Func<Weaknesses, TensorAgreement, bool> Shows)> All =
    [
        // ½ x (1 + erf(x / √2)) cancels: its relative error is 1e-4 at −3 and 1 at −5.5.
        ("gelu below -3", (of, _) => of.Inputs("gelu").Any(x => x < -3)),
    ];

    private readonly Model model;
    private readonly Lazy<Dictionary<Signal, double[]>> values;

    public Weaknesses(NetworkCase of)
    {
        model = of.ToModel();
        values = new(() =>
        {
            var (weights, batch) = (of.ToWeights(model).To<double>(), of.ToBatch(model).To<double>());
            using var pass = new GradientPass<double>(model, batch.Rows, new() { Threads = 1 }, random: new(of.Seed), keepSignals: true);
            pass.Run(weights, batch, [.. Enumerable.Range(0, batch.Rows)], new(model), new double[batch.Rows * model.Outputs]);
            return model.Signals.ToDictionary(signal => signal, pass.ValuesOf);
        });
    }

    /// <summary>The weakness's name; null if none shows.</summary>
    public string? Explain(TensorAgreement tensor) => All.FirstOrDefault(weakness => weakness.Shows(this, tensor)).Name;

    /// <summary>What the activations of a family are given.</summary>
    private IEnumerable<double> Inputs(string family)
        => from signal in model.Signals where signal.Layer is Activate activate && activate.Function.Family == family from x in values.Value[signal.Inputs[0]] select x;
}
