using System.Text.Json.Nodes;
using Backprop.Audit;
using Backprop.Comparisons.Contenders;
using Backprop.Comparisons.Measuring;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Comparisons.Cases;

/// <summary>A training step by SGD on one-hot features: as many ones in a row as there are categorical columns.</summary>
/// <param name="Network">Sizes joined by hyphens.</param>
/// <param name="Batch">Rows.</param>
/// <param name="NonZeros">Ones in a row.</param>
internal sealed record SparseCase(string Network, int Batch, int NonZeros) : MlpCase("sparse", Network, Batch)
{
    private static readonly Library Dense = new("dense", "engine, dense");
    private static readonly Library TorchBag = new("torchBag", "libtorch's EmbeddingBag");

    /// <summary>Few and many features.</summary>
    public static IEnumerable<Case> All => [new SparseCase("2000-128-10", 256, 16), new SparseCase("20000-128-64-10", 256, 32)];

    /// <inheritdoc/>
    public override string Name => $"{base.Name}, {NonZeros} non-zeros a row";

    /// <inheritdoc/>
    public override JsonObject Fields => new() { ["mlp"] = Network, ["batch"] = Batch, ["optimizer"] = new Sgd().Name, ["nonZeros"] = NonZeros };

    /// <inheritdoc/>
    public override IReadOnlyList<Entrant> Entrants
    {
        get
        {
            var (weights, sparse) = (new Lazy<Weights<float>>(Weights), new Lazy<Examples<float>>(OneHot));
            var dense = new Lazy<Examples<float>>(() => Densified(sparse.Value));
            return
            [
                .. Entrant.OnThreads(
                    Library.Engine, t => new EngineStep(weights.Value, sparse.Value, Batch, new Sgd(), new() { Threads = t }, SparseUpdate.Dense)),
                .. Entrant.OnThreads(Dense, t => new EngineStep(weights.Value, dense.Value, Batch, new Sgd(), new() { Threads = t })),
                .. Entrant.OnThreads(Library.Torch, t => new TorchStep(weights.Value, dense.Value, Batch, new Sgd(), t)),
                .. Entrant.OnThreads(TorchBag, t => new TorchBagStep(weights.Value, sparse.Value, t)),
            ];
        }
    }

    /// <inheritdoc/>
    public override void Check(Entrant entrant, double[] results, double[] ours) => RequireAgreement(entrant, results, ours, LossAgreement);

    /// <summary>Each categorical column takes an equal part of the features, and a row has one of each.</summary>
    private Examples<float> OneHot()
    {
        var (random, categories) = (new TorchRandom(2), Mlp.Inputs / NonZeros);
        int[] starts = [.. Enumerable.Range(0, Batch + 1).Select(row => row * NonZeros)];
        int[] columns = [.. Enumerable.Range(0, Batch * NonZeros).Select(i => i % NonZeros * categories + (int)(random.NextUInt32() % categories))];
        float[] targets = [.. Enumerable.Range(0, Batch).Select(_ => (float)(random.NextUInt32() % Mlp.Outputs))];
        var ones = new float[columns.Length];
        Array.Fill(ones, 1);
        return new(new SparseMatrix<float>(Batch, Mlp.Inputs, starts, columns, ones), targets);
    }

    private Examples<float> Densified(Examples<float> sparse)
    {
        var features = new float[Batch * Mlp.Inputs];
        for (var row = 0; row < Batch; row++)
        {
            sparse.SparseFeatures!.CopyTo(row, features.AsSpan(row * Mlp.Inputs, Mlp.Inputs));
        }

        return new(Batch, features, sparse.Targets);
    }
}
