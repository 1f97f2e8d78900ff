using System.Text.Json.Nodes;
using Backprop.Audit;
using Backprop.Comparisons.Measuring;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Comparisons.Cases;

/// <summary>A training step by SGD of a network with a layer of one kind after, or instead of, each hidden layer.</summary>
/// <param name="Layer">The kind.</param>
/// <param name="Network">Sizes joined by hyphens.</param>
/// <param name="Batch">Rows.</param>
internal sealed record LayerCase(string Layer, string Network, int Batch) : Case("layers")
{
    // Both libraries round, in different orders: after three steps the losses still agree to this.
    private const double LossAgreement = 1e-4;

    private static readonly Dictionary<string, Func<Signal, int, Signal>> Hidden = new()
    {
        ["layerNorm"] = (x, units) => x.Linear(units).LayerNorm().Apply(new Relu()),
        ["batchNorm"] = (x, units) => x.Linear(units).BatchNorm().Apply(new Relu()),
        ["dropout"] = (x, units) => x.Linear(units).Apply(new Relu()).Dropout(),
        ["maxout"] = (x, units) => x.Maxout(units, 2),
        ["prelu"] = (x, units) => x.Linear(units).PRelu(),
    };

    /// <summary>Each kind in a small and in a larger network.</summary>
    public static IEnumerable<Case> All =>
        from network in new[] { ("64-128-64-10", 64), ("784-256-128-10", 256) }
        from layer in Hidden.Keys
        select new LayerCase(layer, network.Item1, network.Item2);

    /// <inheritdoc/>
    public override string Name => $"{Layer}, {Network} × {Batch}";

    /// <inheritdoc/>
    public override JsonObject Fields => new() { ["layer"] = Layer, ["mlp"] = Network, ["batch"] = Batch, ["optimizer"] = new Sgd().Name };

    /// <inheritdoc/>
    public override int Rows => Batch;

    /// <inheritdoc/>
    public override IReadOnlyList<Entrant> Entrants
    {
        get
        {
            var weights = new Lazy<Weights<float>>(() => Initializers.Default<float>(Model, 1));
            var examples = new Lazy<Examples<float>>(() => RandomBatch.Of(Model, Batch, 1));
            return
            [
                .. Entrant.OnThreads(Library.Engine, t => new EngineStep(weights.Value, examples.Value, Batch, new Sgd(), new() { Threads = t })),
                .. Entrant.OnThreads(Library.Torch, t => new TorchStep(weights.Value, examples.Value, Batch, new Sgd(), t)),
            ];
        }
    }

    private Model Model
    {
        get
        {
            int[] sizes = [.. Network.Split('-').Select(int.Parse)];
            var hidden = sizes[1..^1].Aggregate(Signal.Features(sizes[0]), Hidden[Layer]);
            return Models.Model.Of(hidden.Linear(sizes[^1]), Head.Multiclass);
        }
    }

    /// <inheritdoc/>
    public override void Check(Entrant entrant, double[] results, double[] ours) => RequireAgreement(entrant, results, ours, LossAgreement);
}
