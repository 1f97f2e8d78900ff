using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Backprop.Interop.Tests.ML;

/// <summary>ML.NET's own CalculateFeatureContribution explains every model of one output or of classes: gradient · input.</summary>
public sealed class FeatureContributionTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backprop-").FullName;
    private readonly MLContext context = new();
    private readonly List<Row> rows = Row.Many(90);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void ContributionsAreGradientTimesInputOfThePrediction(TrainerTask task)
    {
        var data = Row.LoadWithSlotNames(context, rows);
        var model = task.Pipeline(context).Fit(data);
        var network = TrainerTask.ModelOf(model).Network;
        if (task == TrainerTask.SeveralNumbers)
        {
            var error = Assert.ThrowsAny<Exception>(() => Contributions(Calculator(model, data).Transform(data))).GetBaseException();
            Assert.Contains("Use CalculateFeatureAttribution", Assert.IsType<NotSupportedException>(error).Message);
            return;
        }

        var gradients = new InputGradients<float>(network);
        var (scores, expected) = (new float[network.Model.Outputs], new float[Row.FeatureCount]);
        foreach (var (row, actual) in rows.Zip(Contributions(Calculator(model, data).Transform(data))))
        {
            network.Score(row.Features, scores);
            gradients.GradientsTimesInputs(
                row.Features, [Array.IndexOf(scores, task == TrainerTask.Intervals ? scores.Order().ElementAt(1) : scores.Max())], expected);
            Assert.Equal(expected, actual);
        }

        foreach (var (all, largest) in Contributions(Calculator(model, data).Transform(data)).Zip(Contributions(Calculator(model, data, 1, 1, true).Transform(data))))
        {
            // ML.NET keeps the largest of either sign, and divides by the largest of all.
            var largestOfAll = all.Max(Math.Abs);
            Assert.Equal(
                all.Select(c => (c > 0 && c == all.Max()) || (c < 0 && c == all.Min()) ? c / largestOfAll : 0), largest, (a, b) => Math.Abs(a - b) <= Math.ScaleB(1, -23));
        }
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void ALoadedChainExplainsTheSameBitsHereAndInAnotherProcess(TrainerTask task)
    {
        var data = Row.LoadWithSlotNames(context, rows);
        var model = task.Pipeline(context).Fit(data);
        if (task == TrainerTask.SeveralNumbers)
        {
            return;
        }

        var (modelPath, dataPath) = (Path.Combine(folder, "model.zip"), Path.Combine(folder, "data.idv"));
        var chain = new TransformerChain<ITransformer>(model, Calculator(model, data));
        context.Model.Save(chain, data.Schema, modelPath);
        using (var file = File.Create(dataPath))
        {
            context.Data.SaveAsBinary(data, file);
        }

        var loaded = context.Model.Load(modelPath, out _);
        Assert.Equal(Scores.Of(chain.Transform(data)), Scores.Of(loaded.Transform(data)));
        Assert.Equal(["Backprop.ML loaded before: False", .. Scores.Of(chain.Transform(data))], OtherProcess.Score(modelPath, dataPath));
        // And what was loaded can be explained anew.
        Assert.Equal(Contributions(chain.Transform(data)), Contributions(Calculator(loaded, data).Transform(data)));
    }

    [Fact]
    public void OfALinearNetworkTheyAreFeatureTimesWeight()
    {
        var data = Row.LoadWithSlotNames(context, rows);
        var model = TrainerTask.TwoClasses.Pipeline(context, options => options.HiddenUnits = []).Fit(data);
        var weights = TrainerTask.ModelOf(model).Network.CopyWeights()["0.weight"].ToArray();
        foreach (var (row, actual) in rows.Zip(Contributions(Calculator(model, data).Transform(data))))
        {
            Assert.Equal(row.Features.Zip(weights, (x, w) => x * w), actual);
        }
    }

    private static List<float[]> Contributions(IDataView explained) => [.. explained.GetColumn<float[]>("FeatureContributions")];

    private ITransformer Calculator(ITransformer model, IDataView data, int positive = 4, int negative = 4, bool normalize = false)
    {
        var perceptron = ((IEnumerable<ITransformer>)model).SelectMany(Flat)
            .OfType<ISingleFeaturePredictionTransformer<ICalculateFeatureContribution>>().First();
        return context.Transforms.CalculateFeatureContribution(perceptron, positive, negative, normalize).Fit(data);
    }

    private static IEnumerable<ITransformer> Flat(ITransformer model) => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flat) : [model];
}
