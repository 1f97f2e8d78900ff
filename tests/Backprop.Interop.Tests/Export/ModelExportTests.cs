using Backprop.Interop.Tests.ML;
using Backprop.Interop.Tests.Torch;
using Backprop.ML;
using Backprop.Models;
using Backprop.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace Backprop.Interop.Tests.Export;

/// <summary>Networks leave ML.NET models with the normaliser before them, and their weights go wherever the engine's go.</summary>
[Collection(TorchCollection.Name)]
public sealed class ModelExportTests : IDisposable
{
    private readonly MLContext context = new(seed: 1);
    private readonly string folder = Directory.CreateTempSubdirectory("backprop").FullName;

    public static Dictionary<string, Func<TransformsCatalog, IEstimator<ITransformer>>> Normalisers { get; } = new()
    {
        ["none"] = transforms => transforms.CopyColumns("Other", nameof(Row.Features)),
        ["copied"] = transforms => transforms.CopyColumns("Features", nameof(Row.Features)),
        ["concatenated"] = transforms
            => transforms.NormalizeMinMax(nameof(Row.Weight)).Append(transforms.Concatenate("Features", nameof(Row.Features), nameof(Row.Weight))),
        ["minMax"] = transforms => transforms.NormalizeMinMax("Features", fixZero: false),
        ["minMaxAroundZero"] = transforms => transforms.NormalizeMinMax("Features"),
        ["meanVariance"] = transforms => transforms.NormalizeMeanVariance("Features", fixZero: false),
        ["robust"] = transforms => transforms.NormalizeRobustScaling("Normalised", nameof(Row.Features))
            .Append(transforms.CopyColumns("Features", "Normalised")),
        ["afterConcatenation"] = transforms => transforms.Concatenate("Raw", nameof(Row.Features), nameof(Row.Amount))
            .Append(transforms.NormalizeMeanVariance("Features", "Raw", fixZero: false)),
    };

    public static TheoryData<string> NormaliserNames => [.. Normalisers.Keys];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(NormaliserNames))]
    public void TheNormaliserGoesWithTheNetwork(string name)
    {
        var (model, data, schema) = Loaded(TrainerTask.SeveralNumbers, Normalisers[name](context.Transforms));
        var path = Path.Combine(folder, "model.onnx");
        context.Model.SaveOnnx(model, schema, path, new() { Features = "x" });
        var scored = model.Transform(data);
        var raw = RawOf(name, data, scored);

        using var session = new InferenceSession(path);
        using var input = OrtValue.CreateTensorValueFromMemory(raw.SelectMany(row => row).ToArray(), [raw.Count, raw[0].Length]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["x"], [input], ["scores"]);
        var theirs = outputs[0].GetTensorDataAsSpan<float>().ToArray();
        var ours = scored.GetColumn<float[]>("Score").SelectMany(row => row).ToArray();
        Assert.Equal(ours.Length, theirs.Length);
        Assert.All(ours.Zip(theirs), pair => Assert.Equal(pair.First, pair.Second, 8 * 1.2e-7 * Math.Max(1, Math.Abs(pair.First))));
    }

    [Theory, MemberData(nameof(NormaliserNames))]
    public void AsCSharpItGivesTheVeryScores(string name)
    {
        var (model, data, schema) = Loaded(TrainerTask.SeveralNumbers, Normalisers[name](context.Transforms));
        var path = Path.Combine(folder, "Network.cs");
        context.Model.SaveCSharp(model, schema, path);
        var scored = model.Transform(data);
        var (raw, ours) = (RawOf(name, data, scored), scored.GetColumn<float[]>("Score").SelectMany(row => row).ToArray());
        var theirs = new float[ours.Length];
        CSharpTests.Compile([File.ReadAllText(path)]).GetType("Network")!.GetMethod("Score")!.CreateDelegate<CSharpTests.Scoring<float>>()(raw.SelectMany(row => row).ToArray(), theirs);
        Assert.Equal(ours, theirs);
    }

    [Fact]
    public void TheReadmesExampleWritesItsFiles()
    {
        var (model, _, schema) = Loaded(TrainerTask.OneNumber, Normalisers["meanVariance"](context.Transforms));
        ExportExample.Run(context, model, schema, folder);
        using var session = new InferenceSession(Path.Combine(folder, "network.onnx"));
        Assert.Equal(("normalised", "demand"), (session.InputNames[0], session.OutputNames[0]));
        Assert.Contains("namespace Company.Models;", File.ReadAllText(Path.Combine(folder, "Demand.cs")));
        Assert.Equal(["Demand.cs", "model.onnx", "model.zip", "network.onnx", "network.safetensors"],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void WhatCannotGoWithItIsRefusedInWords()
    {
        var path = Path.Combine(folder, "model.onnx");
        void Refused(string words, IEstimator<ITransformer> before)
        {
            var (model, _, schema) = Loaded(TrainerTask.OneNumber, before);
            Assert.Contains(words, Assert.Throws<ArgumentException>(() => context.Model.SaveOnnx(model, schema, path)).Message);
        }

        Refused("'Features' is made by NormalizingTransformer, which cannot", context.Transforms.NormalizeBinning("Features"));
        Refused("'Features' is made by NormalizingTransformer, which cannot", context.Transforms.NormalizeLogMeanVariance("Features"));
        Refused("'Features' is made by LpNormNormalizingTransformer, which cannot", context.Transforms.NormalizeLpNorm("Features"));
        // Before the normaliser that can: without it the network would be given other features.
        Refused(
            "'Features' is made by MissingValueReplacingTransformer, which cannot",
            context.Transforms.ReplaceMissingValues("Features").Append(context.Transforms.NormalizeMeanVariance("Features")));
        Refused(
            "'Features' is made by NormalizingTransformer, which cannot",
            context.Transforms.NormalizeMinMax("Features").Append(context.Transforms.NormalizeMeanVariance("Features")));
        var data = context.Data.LoadFromEnumerable(Row.Many(20));
        var none = context.Transforms.NormalizeMinMax("Features").Fit(data);
        Assert.StartsWith("The model has no multilayer perceptron among its transformers: NormalizingTransformer",
            Assert.Throws<ArgumentException>(() => context.Model.SaveOnnx(none, data.Schema, path)).Message);
        var (model, _, schema) = Loaded(TrainerTask.OneNumber, Normalisers["minMax"](context.Transforms));
        Assert.StartsWith("OnnxOptions.Scaling is the model's own", Assert.Throws<ArgumentException>(() => context.Model.SaveOnnx(model, schema, path, new() { Scaling = new(null, null) })).Message);
        Assert.StartsWith("CSharpOptions.Scaling is the model's own",
            Assert.Throws<ArgumentException>(() => context.Model.SaveCSharp(model, schema, path, new() { Scaling = new(null, null) })).Message);
        Assert.Empty(Directory.GetFiles(folder, "*.onnx"));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void WeightsOfALoadedModelGoToTorchAndToSafetensors(TrainerTask task)
    {
        TorchLibrary.EnsureLoaded();
        var (model, data, _) = Loaded(task, Normalisers["none"](context.Transforms));
        var network = model.MultilayerPerceptron().Network;
        using var module = nn.Sequential(nn.Linear(Row.FeatureCount, 16), nn.ReLU(), nn.Linear(16, network.Model.Outputs));
        network.CopyWeights().CopyTo(module);
        var path = Path.Combine(folder, "weights.safetensors");
        network.CopyWeights().SaveSafetensors(path);
        var read = new Weights<float>(network.Model);
        read.LoadSafetensors(path);
        Assert.Equal(network.CopyWeights().Hash(), read.Hash());

        var features = data.GetColumn<float[]>(nameof(Row.Features)).SelectMany(row => row).ToArray();
        var logits = module.call(tensor(features).reshape(-1, Row.FeatureCount));
        var scores = (task.Classifies && network.Model.Outputs > 1 ? nn.functional.softmax(logits, 1) : logits).data<float>().ToArray();
        var ours = new float[scores.Length];
        network.Score(features, ours);
        var (scale, shift) = (network.OutputScale, network.OutputShift);
        Assert.All(ours.Index(), score => Assert.Equal(
            score.Item, scores[score.Index] * scale[score.Index % scale.Count] + shift[score.Index % scale.Count], 1e-6 * Math.Max(1, Math.Abs(score.Item))));
    }

    /// <summary>The column that goes into what is exported, as it was before a normaliser of the same name.</summary>
    private static List<float[]> RawOf(string name, IDataView data, IDataView scored) => name switch
    {
        "afterConcatenation" => [.. scored.GetColumn<float[]>("Raw")],
        "concatenated" => [.. scored.GetColumn<float[]>("Features")],
        _ => [.. data.GetColumn<float[]>(nameof(Row.Features))],
    };

    /// <summary>A trained model, saved and loaded, with data for it.</summary>
    private (ITransformer Model, IDataView Data, DataViewSchema Schema) Loaded(TrainerTask task, IEstimator<ITransformer> before)
    {
        var data = context.Data.LoadFromEnumerable(Row.Many(120));
        var path = Path.Combine(folder, "model.zip");
        context.Model.Save(before.Append(task.Pipeline(context, options => options.NumberOfIterations = 5)).Fit(data), data.Schema, path);
        return (context.Model.Load(path, out var schema), data, schema);
    }
}
