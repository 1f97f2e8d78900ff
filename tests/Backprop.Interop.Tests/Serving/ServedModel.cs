using Backprop.Interop.Tests.ML;
using Backprop.ML;
using Backprop.Models;
using Backprop.Serving;
using Backprop.Training;
using Microsoft.ML;

namespace Backprop.Interop.Tests.Serving;

/// <summary>A trained classifier as a file, and the answers it has to give.</summary>
internal sealed class ServedModel
{
    private static readonly List<Row> Table = Row.Many(100);

    internal ServedModel(long seed)
    {
        var context = new MLContext();
        var pipeline = context.Transforms.Conversion.MapValueToKey("Label")
            .Append(context.Transforms.NormalizeMeanVariance("Features"))
            .Append(context.MulticlassClassification.Trainers.MultilayerPerceptron(
                new MultilayerPerceptronOptions { Preset = Preset.Plain, HiddenUnits = [16], NumberOfIterations = 3, NumberOfThreads = 1, Seed = seed }))
            .Append(context.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        var data = context.Data.LoadFromEnumerable(
            Table.Select(row => new Labelled { Features = row.Features, Label = row.Kind }));
        var model = pipeline.Fit(data);
        Bytes = BytesOf(context, model, data);
        Id = LoadedModel<ClassifierInput, ClassifierOutput>.IdOf(Bytes);
        Answers = [.. context.Data.CreateEnumerable<ClassifierOutput>(model.Transform(data), reuseRowObject: false).Select(BitsOf)];
    }

    /// <summary>The rows to ask about.</summary>
    internal static IReadOnlyList<float[]> Rows { get; } = [.. Table.Select(row => row.Features)];

    internal byte[] Bytes { get; }

    internal string Id { get; }

    /// <summary>Every bit of what Transform gives, row by row.</summary>
    internal IReadOnlyList<string> Answers { get; }

    internal static byte[] BytesOf(MLContext context, ITransformer model, IDataView data)
    {
        using var file = new MemoryStream();
        context.Model.Save(model, data.Schema, file);
        return file.ToArray();
    }

    internal static string BitsOf(Classification answer) => BitsOf(new ClassifierOutput { PredictedLabel = answer.PredictedLabel, Score = answer.Score });

    /// <summary>Puts it in place of the file that is there, at once.</summary>
    internal static void Replace(string path, byte[] bytes) => AtomicFile.Write(path, stream => stream.Write(bytes));

    private static string BitsOf(ClassifierOutput output) => $"{output.PredictedLabel} {string.Join(',', output.Score.Select(Scores.Bits))}";

    private sealed class Labelled
    {
        [Microsoft.ML.Data.VectorType(Row.FeatureCount)]
        public float[] Features { get; set; } = [];

        public string Label { get; set; } = "";
    }
}
