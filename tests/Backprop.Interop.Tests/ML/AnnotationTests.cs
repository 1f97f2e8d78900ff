using System.Reflection;
using Backprop.ML;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>The output columns say of themselves what ML.NET's own trainers say.</summary>
public class AnnotationTests
{
    private static readonly string[] Kinds = [.. Row.Many(200).Select(row => row.Kind).Distinct()];

    [Fact]
    public void ScoreHasTheClassesAsSlotNames()
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        ScoredMulticlass().Schema["Score"].GetSlotNames(ref names);
        Assert.Equal(Kinds, names.DenseValues().Select(name => name.ToString()));
    }

    [Fact]
    public void PredictedLabelHasTheLabelsKeyValues()
    {
        VBuffer<ReadOnlyMemory<char>> values = default;
        var column = ScoredMulticlass().Schema["PredictedLabel"];
        column.GetKeyValues(ref values);
        Assert.Equal(Kinds, values.DenseValues().Select(value => value.ToString()));
        Assert.Equal((ulong)Kinds.Length, Assert.IsType<KeyDataViewType>(column.Type).Count);
    }

    [Fact]
    public void MapKeyToValueGivesTheClassOfTheHighestScore()
    {
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable(Row.Many(200));
        var pipeline = TrainerTask.ManyClasses.Pipeline(context).Append(context.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        var scored = pipeline.Fit(data).Transform(data);
        var scores = scored.GetColumn<float[]>("Score").ToList();
        Assert.Equal(scores.Select(s => Kinds[Array.IndexOf(s, s.Max())]), scored.GetColumn<string>("PredictedLabel"));
        // Softmax in float: each of 3 probabilities is off by a few roundings of 6e-8 of itself, and they sum to 1.
        Assert.All(scores, s => Assert.Equal(1.0, s.Sum(p => (double)p), 1e-6));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void TheSchemaForetoldIsTheSchemaGiven(TrainerTask task)
    {
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable(Row.Many(100));
        var pipeline = task.Pipeline(context, options => options.NumberOfIterations = 1);
        var model = pipeline.Fit(data);
        var given = model.Transform(data).Schema;
        Assert.Equal(Describe(model.GetOutputSchema(data.Schema)), Describe(given));

        var foretold = pipeline.GetOutputSchema(ShapeOf(data.Schema)).Where(column => Scores.IsOutput(given[column.Name]));
        Assert.Equal(
            given.Where(Scores.IsOutput).Select(column => (
                column.Name,
                column.Type is VectorDataViewType,
                column.Type is KeyDataViewType,
                AnnotationNames(column))).Order(),
            foretold.Select(column => (
                column.Name,
                column.Kind == SchemaShape.Column.VectorKind.Vector,
                column.IsKey,
                string.Join(' ', column.Annotations.Select(annotation => annotation.Name).Order()))).Order());
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void SlotNamesKeyValuesAndAllElseOutliveTheFile(TrainerTask task)
    {
        var context = new MLContext();
        var data = Row.LoadWithSlotNames(context, Row.Many(100));
        var model = task.Pipeline(context, options => options.NumberOfIterations = 1).Fit(data);
        using var file = new MemoryStream();
        context.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);

        var columns = model.Transform(data).Schema.Select(Annotations.Of).ToList();
        Assert.Contains("Features: Vector<Single, 4>; SlotNames x0 x1 x2 x3", columns);
        Assert.Equal(columns, loaded.Transform(data).Schema.Select(Annotations.Of));
    }

    [Fact]
    public void ABinaryClassifierSaysWhatMLNetsDoes()
    {
        var trainers = new MLContext().BinaryClassification.Trainers;
        SaysTheSame(
            Table(),
            trainers.MultilayerPerceptron(nameof(Row.IsAbove), numberOfIterations: 1),
            trainers.LbfgsLogisticRegression(nameof(Row.IsAbove)));
    }

    [Fact]
    public void ARegressionSaysWhatMLNetsDoes()
    {
        var trainers = new MLContext().Regression.Trainers;
        SaysTheSame(
            Table(),
            trainers.MultilayerPerceptron(nameof(Row.Amount), numberOfIterations: 1),
            trainers.OnlineGradientDescent(nameof(Row.Amount)));
    }

    // Keys of texts become slot names of the scores as they are, others in words of ML.NET's own.
    [Theory, InlineData(DataKind.String), InlineData(DataKind.Single), InlineData(DataKind.Double)]
    public void AClassifierOfAnyKeysSaysWhatMLNetsDoes(DataKind kind)
    {
        var context = new MLContext();
        var trainers = context.MulticlassClassification.Trainers;
        var rows = Row.Many(100);
        rows.ForEach(row => row.Weight = row.Kind.Length);
        var labels = context.Transforms.Conversion.ConvertType("Label", nameof(Row.Weight), kind).Append(context.Transforms.Conversion.MapValueToKey("Label"));
        var data = context.Data.LoadFromEnumerable(rows);
        SaysTheSame(labels.Fit(data).Transform(data), trainers.MultilayerPerceptron(numberOfIterations: 1), trainers.LbfgsMaximumEntropy());
    }

    private static void SaysTheSame(IDataView data, IEstimator<ITransformer> ours, IEstimator<ITransformer> theirs)
    {
        List<string> Said(IEstimator<ITransformer> trainer) => [.. trainer.Fit(data).Transform(data).Schema.Where(Scores.IsOutput).Select(Annotations.Of)];
        var said = Said(ours);
        Assert.NotEmpty(said);
        Assert.Equal(Said(theirs), said);
    }

    private static IDataView Table() => new MLContext().Data.LoadFromEnumerable(Row.Many(100));

    // ML.NET makes shapes of schemas only inside.
    internal static SchemaShape ShapeOf(DataViewSchema schema)
        => (SchemaShape)typeof(SchemaShape).GetMethod("Create", BindingFlags.NonPublic | BindingFlags.Static)!.Invoke(null, [schema])!;

    private static IEnumerable<string> Describe(DataViewSchema schema)
        => schema.Select(column => $"{column.Name}: {column.Type} [{AnnotationNames(column)}]");

    private static string AnnotationNames(DataViewSchema.Column column)
        => string.Join(' ', column.Annotations.Schema.Select(a => a.Name).Order());

    private static IDataView ScoredMulticlass()
    {
        var context = new MLContext();
        var model = TrainerTask.ManyClasses.Fit(context, Row.Many(200), options => options.NumberOfIterations = 1);
        return model.Transform(context.Data.LoadFromEnumerable(Row.Many(200)));
    }
}
