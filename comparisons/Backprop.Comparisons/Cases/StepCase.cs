using System.Text.Json.Nodes;
using Backprop.Audit;
using Backprop.Comparisons.Contenders;
using Backprop.Comparisons.Measuring;
using Backprop.Formulas;

namespace Backprop.Comparisons.Cases;

/// <summary>One training step: forward, backward and update.</summary>
internal sealed record StepCase(string Bench, string Network, int Batch, Optimizer Optimizer) : MlpCase(Bench, Network, Batch)
{
    /// <summary>From call overhead alone to arithmetic alone.</summary>
    public static IEnumerable<Case> All =>
        from network in new[]
        {
            ("4-16-3", 16), ("10-64-64-1", 32), ("64-128-64-10", 64), ("784-256-128-10", 64), ("784-256-128-10", 256),
            ("784-1024-1024-10", 128), ("2048-2048-2048-10", 512),
        }
        from optimizer in new Optimizer[] { new Sgd(), new Adam() }
        select new StepCase("train-step", network.Item1, network.Item2, optimizer);

    /// <summary>The same along rows, width and depth; threads are the columns.</summary>
    public static IEnumerable<Case> Scaling =>
    [
        .. new[] { 1, 4, 16, 64, 256, 1024, 4096 }.Select(rows => Sgd("784-256-128-10", rows)),
        .. new[] { 16, 32, 64, 128, 256, 512, 1024, 2048 }.Select(width => Sgd($"{width}-{width}-{width}-10", 128)),
        .. new[] { 1, 2, 4, 8, 16 }.Select(depth => Sgd($"128-{string.Join('-', Enumerable.Repeat(128, depth))}-10", 128)),
    ];

    /// <inheritdoc/>
    public override string Name => $"{base.Name}, {Optimizer.Name}";

    /// <inheritdoc/>
    public override JsonObject Fields => new() { ["mlp"] = Network, ["batch"] = Batch, ["optimizer"] = Optimizer.Name };

    /// <summary>Three products a layer, less the first layer's input gradient, which nobody needs.</summary>
    public override double Operations => 3 * Products.Sum() - Products[0];

    /// <inheritdoc/>
    public override IReadOnlyList<Entrant> Entrants
    {
        get
        {
            var (weights, examples) = (new Lazy<Models.Weights<float>>(Weights), new Lazy<Models.Examples<float>>(Examples));
            return
            [
                .. Entrant.OnThreads(Library.Engine, t => new EngineStep(weights.Value, examples.Value, Batch, Optimizer, new() { Threads = t })),
                new(Library.Forward, 1, () => new EngineForward(weights.Value, examples.Value, Batch)),
                .. Entrant.OnThreads(Library.Torch, t => new TorchStep(weights.Value, examples.Value, Batch, Optimizer, t)),
            ];
        }
    }

    /// <inheritdoc/>
    public override void Check(Entrant entrant, double[] results, double[] ours)
        => RequireAgreement(entrant, results, entrant.Library == Library.Forward ? [ours[0]] : ours, LossAgreement);

    private static StepCase Sgd(string network, int batch) => new("scaling", network, batch, new Sgd());
}
