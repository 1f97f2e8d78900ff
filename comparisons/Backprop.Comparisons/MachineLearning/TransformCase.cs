using System.Text.Json.Nodes;
using Backprop.Comparisons.Cases;
using Backprop.Comparisons.Measuring;
using Backprop.ML;
using Backprop.Models;
using Microsoft.ML;

namespace Backprop.Comparisons.MachineLearning;

/// <summary>The class probabilities of a view's rows, read through a cursor: batches ahead, beside ways that score row by row.</summary>
internal sealed record TransformCase(string Network, int Batch) : MlpCase("transform", Network, Batch)
{
    private const int Many = 4096;

    // Three layers, each rounded in another order, and a softmax of a few ulps.
    private const double Agreement = 1e-5;

    private static readonly Library RowMapper = new("rowMapper", "ML.NET's row mapper");
    private static readonly Library PredictionEngine = new("predictionEngine", "PredictionEngine");
    private static readonly Library DotProducts = new("dotProducts", "dot products row by row");
    private static readonly Library OnnxModel = new("onnxModel", "ApplyOnnxModel");

    /// <summary>From a network of a few microseconds to one of a hundred.</summary>
    public static IEnumerable<Case> All => new[] { "4-16-3", "30-64-2", "64-128-64-10", "100-256-128-10", "784-256-128-10", "784-1024-1024-10" }
        .Select(network => new TransformCase(network, Many));

    /// <inheritdoc/>
    public override JsonObject Fields => new() { ["mlp"] = Network, ["batch"] = Batch };

    /// <inheritdoc/>
    public override IReadOnlyList<Entrant> Entrants
    {
        get
        {
            var view = new Lazy<IDataView>(() => NetworkData.View(Mlp, Batch));
            var model = new Lazy<ITransformer>(() => NetworkData.Trainer(
                new(seed: 1), Mlp, new() { NumberOfIterations = 1, ValidationFraction = 0 }).Fit(NetworkData.View(Mlp, 1024)));
            Network<float> Trained() => ((ISingleFeaturePredictionTransformer<IMultilayerPerceptronModel>)model.Value).Model.Network;
            return
            [
                new(Library.Engine, 1, () => new TransformScores(model.Value, view.Value)),
                new(RowMapper, 1, () => new RowMapperScores(model.Value, view.Value)),
                new(PredictionEngine, 1, () => new PredictionEngineScores(model.Value, view.Value)),
                new(DotProducts, 1, () => new DotProductScores(Trained(), view.Value)),
                new(OnnxModel, 1, () => new OnnxModelScores(Trained(), view.Value)),
            ];
        }
    }

    /// <inheritdoc/>
    public override void Check(Entrant entrant, double[] results, double[] ours) => RequireAgreement(entrant, results, ours, Agreement);
}
