using Backprop.Interop.Tests.ML;
using Backprop.ML;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Backprop.Interop.Tests.Export;

/// <summary>ML.NET's ConvertToOnnx exports whole pipelines that end in a network, with every column the transformer adds.</summary>
public sealed class PipelineOnnxTests
{
    // Of the score's size, or of 1 where that is more: normalisation, three layers and a link, each rounded by others.
    private const double Ulps = 8 * 1.2e-7;

    private static readonly MLContext Context = new(seed: 1);

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void OnnxRuntimeGivesTheColumnsOfTheWholePipeline(TrainerTask task)
    {
        var (model, rows) = (Fit(task), Rows(40, seed: 3));
        var scored = model.Transform(Context.Data.LoadFromEnumerable(rows));
        using var session = new InferenceSession(Converted(model));
        using var results = session.Run([.. session.InputNames.Select(name => InputOf(name, rows))]);
        var columns = scored.Schema.Where(Scores.IsOutput).ToList();
        Assert.NotEmpty(columns);
        foreach (var column in columns)
        {
            var theirs = NumbersOf(results.Single(result => result.Name == $"{column.Name}.output"));
            var ours = NumbersOf(scored, column);
            Assert.Equal(ours.Count, theirs.Length);
            var tolerance = column.Name == "PredictedLabel" ? 0 : Ulps;
            Assert.All(ours.Zip(theirs), pair => Assert.True(
                Math.Abs(pair.First - pair.Second) <= tolerance * Math.Max(1, Math.Abs(pair.First)), $"{task} {column.Name}: "
                    + $"{pair.First:R} here, {pair.Second:R} in ONNX Runtime"));
        }
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void CategoriesOfEveryTypeAreLookedUpInTheModel(TrainerTask task)
    {
        var features = Context.Transforms.ConcatenateFeatures("Made", CategoryRow.Inputs, CategoryRow.Codes);
        var rows = Context.Data.LoadFromEnumerable(CategoryRow.Some(300));
        var model = features.Append(task.Pipeline(Context, options => options.FeatureColumnName = "Made")).Fit(rows);
        var others = CategoryRow.Some(40, seed: 3);
        foreach (var row in others.Take(10))
        {
            (row.Job, row.Town, row.Level, row.Code) = ("pilot", 99, 1, 17);
        }

        using var stream = new MemoryStream();
        Context.Model.ConvertToOnnx(model, rows, stream);
        using var session = new InferenceSession(stream.ToArray());
        using var results = session.Run([.. session.InputNames.Select(name => InputOf(name, others))]);
        var scored = model.Transform(Context.Data.LoadFromEnumerable(others));
        var (ours, theirs) = (NumbersOf(scored, scored.Schema["Score"]), NumbersOf(results.Single(result => result.Name == "Score.output")));
        Assert.Equal(ours.Count, theirs.Length);
        Assert.All(ours.Zip(theirs), pair => Assert.True(
            Math.Abs(pair.First - pair.Second) <= Ulps * Math.Max(1, Math.Abs(pair.First)), $"{task}: {pair.First:R} here, {pair.Second:R} in ONNX Runtime"));
    }

    [Fact]
    public void ATransformThatCannotBeConvertedIsNoSilentHole()
    {
        // ML.NET then leaves out what comes before it, and would export a network without features.
        var own = Context.Transforms.CustomMapping<Row, OwnFeatures>((row, made) => made.Own = [row.Features[0], row.Weight], contractName: null);
        var model = own.Append(TrainerTask.OneNumber.Pipeline(Context, options => options.FeatureColumnName = nameof(OwnFeatures.Own)))
            .Fit(Context.Data.LoadFromEnumerable(Rows(100, seed: 7)));
        Assert.StartsWith("The feature column 'Own' is not in the ONNX model: a transform before the network",
            Assert.Throws<InvalidOperationException>(() => Converted(model)).Message);
    }

    [Fact]
    public void AnOperationOfOnesOwnIsRefused()
    {
        var model = Context.Regression.Trainers.MultilayerPerceptron(
            new MultilayerPerceptronOptions { LabelColumnName = nameof(Row.Amount), Layers = x => x.Apply(new Direction()), NumberOfIterations = 1 })
            .Fit(Context.Data.LoadFromEnumerable(Rows(100, seed: 7)));
        Assert.Contains("Direction of the network", Assert.Throws<NotSupportedException>(() => Converted(model)).Message);
    }

    private static ITransformer Fit(TrainerTask task) => Context.Transforms.Concatenate("Raw", nameof(Row.Features), nameof(Row.Weight))
        .Append(Context.Transforms.NormalizeMeanVariance("Features", "Raw", fixZero: false))
        .Append(task.Pipeline(Context))
        .Fit(Context.Data.LoadFromEnumerable(Rows(200, seed: 7)));

    private static List<Row> Rows(int count, int seed)
    {
        var rows = Row.Many(count, seed);
        foreach (var (i, row) in rows.Index())
        {
            row.Weight = 0.5f + i % 7;
        }

        return rows;
    }

    private sealed class OwnFeatures
    {
        [VectorType(2)]
        public float[] Own { get; set; } = [];
    }

    private static byte[] Converted(ITransformer model)
    {
        using var stream = new MemoryStream();
        Context.Model.ConvertToOnnx(model, Context.Data.LoadFromEnumerable(Rows(1, seed: 1)), stream);
        return stream.ToArray();
    }

    private static NamedOnnxValue InputOf(string name, IReadOnlyList<Row> rows)
    {
        object[] values = [.. rows.Select(row => row.GetType().GetProperty(name)!.GetValue(row)!)];
        return values[0] switch
        {
            float[] => Of(name, [.. values.Cast<float[]>().SelectMany(row => row)], rows.Count),
            float => Of<float>(name, [.. values.Cast<float>()], rows.Count),
            double => Of<double>(name, [.. values.Cast<double>()], rows.Count),
            int => Of<int>(name, [.. values.Cast<int>()], rows.Count),
            // As ML.NET takes keys of a class: from 0, and what is no key becomes the missing one.
            uint => Of<uint>(name, [.. values.Cast<uint>().Select(key => key <= CategoryRow.Towns ? key + 1 : 0)], rows.Count),
            bool => Of<bool>(name, [.. values.Cast<bool>()], rows.Count),
            _ => Of<string>(name, [.. values.Cast<string>()], rows.Count),
        };
    }

    private static NamedOnnxValue Of<T>(string name, T[] values, int rows)
        => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(values, [rows, values.Length / rows]));

    private static double[] NumbersOf(DisposableNamedOnnxValue value) => value.Value switch
    {
        Tensor<float> floats => [.. floats],
        Tensor<bool> flags => [.. flags.Select(flag => flag ? 1.0 : 0)],
        Tensor<uint> keys => [.. keys],
        var other => throw new NotSupportedException($"{value.Name} is {other.GetType()}."),
    };

    private static List<double> NumbersOf(IDataView scored, DataViewSchema.Column column) => [.. column.Type.RawType switch
    {
        var type when type == typeof(float) => scored.GetColumn<float>(column).Select(x => (double)x),
        var type when type == typeof(bool) => scored.GetColumn<bool>(column).Select(x => x ? 1.0 : 0),
        var type when type == typeof(uint) => scored.GetColumn<uint>(column).Select(x => (double)x),
        _ => scored.GetColumn<VBuffer<float>>(column).SelectMany(x => x.DenseValues()).Select(x => (double)x),
    }];
}
