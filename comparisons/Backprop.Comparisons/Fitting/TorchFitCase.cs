using System.Text.Json.Nodes;
using Backprop.Comparisons.MachineLearning;
using Backprop.Comparisons.Measuring;
using Backprop.Formulas;
using Backprop.Models;
using Microsoft.ML;

namespace Backprop.Comparisons.Fitting;

/// <summary>A whole Fit from a view in memory, beside the loop a user of TorchSharp writes: the view read once, then the same training.</summary>
/// <param name="Network">Sizes joined by hyphens; a single output tells two classes apart.</param>
/// <param name="Count">Rows.</param>
/// <param name="Batch">Rows of a mini-batch.</param>
/// <param name="Epochs">Passes over the rows.</param>
internal sealed record TorchFitCase(string Network, int Count, int Batch, int Epochs) : Case("fit-torch")
{
    // Both start with the same weights and see the same batches, but round in different orders.
    private const double Agreement = 1e-3;

    /// <summary>Tables from the size of Iris on.</summary>
    public static IEnumerable<Case> All =>
    [
        new TorchFitCase("4-16-3", 150, 16, 40),
        new TorchFitCase("30-64-1", 569, 32, 20),
        new TorchFitCase("64-128-64-10", 4496, 64, 3),
        new TorchFitCase("100-256-128-10", 10_000, 64, 2),
        new TorchFitCase("784-256-128-10", 10_000, 128, 2),
    ];

    /// <inheritdoc/>
    public override string Name => $"{Network}, {Count} rows in batches of {Batch}, {Epochs} epochs";

    /// <inheritdoc/>
    public override JsonObject Fields => new() { ["mlp"] = Network, ["rows"] = Count, ["batch"] = Batch, ["epochs"] = Epochs, ["optimizer"] = new Adam().Name };

    /// <inheritdoc/>
    public override int Rows => Count * Epochs;

    /// <inheritdoc/>
    public override IReadOnlyList<Entrant> Entrants
    {
        get
        {
            var view = new Lazy<IDataView>(() => NetworkData.View(Mlp, Count));
            return
            [
                .. Entrant.OnThreads(Library.Engine, t => new EngineFit(this, view.Value, t)),
                .. Entrant.OnThreads(Library.Torch, t => new TorchFit(this, view.Value, t)),
            ];
        }
    }

    /// <summary>The network.</summary>
    public Mlp Mlp => Mlp.Parse(Network, Activation.Of(new Relu()), Network.EndsWith("-1", StringComparison.Ordinal) ? Head.Binary : Head.Multiclass);

    /// <inheritdoc/>
    public override void Check(Entrant entrant, double[] results, double[] ours) => RequireAgreement(entrant, results, ours, Agreement);
}
