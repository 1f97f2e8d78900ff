using System.Text.Json.Nodes;
using Backprop.Audit;
using Backprop.Comparisons.Measuring;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Comparisons.Cases;

/// <summary>A training step of a deep network by SGD that keeps every activation, and one that computes them again: time and memory.</summary>
/// <param name="Depth">Hidden layers.</param>
internal sealed record RecomputeCase(int Depth) : Case("recompute")
{
    private const int Width = 256;
    private const int Batch = 256;
    private static readonly Library Recompute = new("recompute", "engine, recomputing");

    /// <summary>Depths that quadruple, so that what is kept quadruples and what is recomputed doubles.</summary>
    public static IEnumerable<Case> All => [new RecomputeCase(16), new RecomputeCase(64), new RecomputeCase(256)];

    /// <inheritdoc/>
    public override string Name => $"{Depth} layers of {Width} × {Batch}";

    /// <inheritdoc/>
    public override JsonObject Fields => new() { ["depth"] = Depth, ["width"] = Width, ["batch"] = Batch, ["optimizer"] = new Sgd().Name };

    /// <inheritdoc/>
    public override int Rows => Batch;

    /// <inheritdoc/>
    public override IReadOnlyList<Entrant> Entrants
    {
        get
        {
            var (weights, examples) = (new Lazy<Weights<float>>(Weights), new Lazy<Examples<float>>(() => RandomBatch.Of(Mlp, Batch, 1)));
            Contender Step(int threads, bool recompute)
                => new EngineStep(weights.Value, examples.Value, Batch, new Sgd(), new() { Threads = threads, Recompute = recompute });
            return [.. Entrant.OnThreads(Library.Engine, t => Step(t, false)), .. Entrant.OnThreads(Recompute, t => Step(t, true))];
        }
    }

    private Mlp Mlp => new([.. Enumerable.Repeat(Width, Depth + 1), 10], Activation.Of(new Relu()), Head.Multiclass);

    /// <summary>Not a bit may differ.</summary>
    public override void Check(Entrant entrant, double[] results, double[] ours) => RequireAgreement(entrant, results, ours, 0);

    /// <inheritdoc/>
    public override JsonObject Extras(Outcome outcome)
        => new() { ["workspaceMegabytes"] = Megabytes(false), ["recomputeWorkspaceMegabytes"] = Megabytes(true) };

    private Weights<float> Weights() => Initializers.Default<float>(Mlp, 1);

    private double Megabytes(bool recompute)
    {
        using var step = new TrainingStep<float>(Weights(), new Sgd(), Batch, new() { Threads = 1, Recompute = recompute });
        return step.WorkspaceBytes / 1e6;
    }
}
