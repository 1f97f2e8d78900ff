using System.Text.Json.Nodes;
using Backprop.Comparisons.Contenders;
using Backprop.Comparisons.Measuring;

namespace Backprop.Comparisons.Cases;

/// <summary>The class probabilities of some rows.</summary>
internal sealed record InferenceCase(string Network, int Batch) : MlpCase("inference", Network, Batch)
{
    // Three layers, each rounded in another order, and a softmax of a few ulps.
    private const double Agreement = 1e-5;

    /// <summary>One row, a mini-batch and many.</summary>
    public static IEnumerable<Case> All =>
        from network in new[] { "4-16-3", "64-128-64-10", "784-256-128-10", "784-1024-1024-10" }
        from rows in new[] { 1, 64, 1024 }
        select new InferenceCase(network, rows);

    /// <inheritdoc/>
    public override JsonObject Fields => new() { ["mlp"] = Network, ["batch"] = Batch };

    /// <inheritdoc/>
    public override double Operations => Products.Sum();

    /// <inheritdoc/>
    public override IReadOnlyList<Entrant> Entrants
    {
        get
        {
            var (weights, features) = (new Lazy<Models.Weights<float>>(Weights), new Lazy<float[]>(() => Examples().Features));
            return
            [
                .. Entrant.OnThreads(Library.Engine, t => new EngineScores(weights.Value, features.Value, t)),
                .. Entrant.OnThreads(Library.Torch, t => new TorchScores(weights.Value, features.Value, t)),
                .. Entrant.OnThreads(Library.Ort, t => new OrtScores(weights.Value, features.Value, t)),
            ];
        }
    }

    /// <inheritdoc/>
    public override void Check(Entrant entrant, double[] results, double[] ours) => RequireAgreement(entrant, results, ours, Agreement);
}
