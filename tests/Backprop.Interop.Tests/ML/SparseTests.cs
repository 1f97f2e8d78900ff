using Backprop.Formulas;
using Backprop.ML;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Backprop.Interop.Tests.ML;

/// <summary>One-hot and n-gram columns are trained on and scored as their non-zeros, with the bits of the same columns written out.</summary>
public sealed class SparseTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backprop-").FullName;

    public static TheoryData<string> Featurisations => ["one-hot", "n-grams"];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(Featurisations))]
    public void TrainingGivesTheWeightsOfTheSameColumnsWrittenOut(string kind)
    {
        var context = new MLContext();
        var features = Featurise(context, kind, Review.Many(400));
        var vectors = context.Data.CreateEnumerable<Vector>(features, false).ToList();
        Assert.All(vectors, row => Assert.False(row.Features.IsDense, "nothing to compare"));
        var written = new Examples<float>(400, [.. vectors.SelectMany(row => row.Features.DenseValues())], [.. vectors.Select(row => row.IsGood ? 1f : 0)]);
        foreach (var optimizer in Optimizer.All)
        {
            var options = new TrainingOptions { Hidden = [16], Epochs = 3, Optimizer = optimizer };
            Assert.Equal(Training.Trainer.Fit(Head.Binary, 1, written, options).WeightHash, Fit(context, features, optimizer).Model.WeightHash);
        }
    }

    [Theory, MemberData(nameof(Featurisations))]
    public void PredictionEngineTransformAndASavedModelGiveTheSameBits(string kind)
    {
        var (context, rows) = (new MLContext(), Review.Many(200));
        var data = context.Data.LoadFromEnumerable(rows);
        var model = Featuriser(context, kind).Append(Trainer(context, new Adam())).Fit(data);
        var batched = Scores.Of(model.Transform(data));
        using var engine = context.Model.CreatePredictionEngine<Review, Verdict>(model);
        var single = rows.Select(engine.Predict).Select(v => $"{v.PredictedLabel} {Scores.Bits(v.Score)} {Scores.Bits(v.Probability)}");
        Assert.Equal(batched, single);

        var path = Path.Combine(folder, "model.zip");
        context.Model.Save(model, data.Schema, path);
        Assert.Equal(batched, Scores.Of(new MLContext().Model.Load(path, out _).Transform(data)));
    }

    [Theory, InlineData(1), InlineData(3)]
    public void SparseRowsScoreLikeRowsWrittenOutAlsoWhereBothAlternate(int everyWrittenOut)
    {
        var context = new MLContext();
        var features = Featurise(context, "one-hot", Review.Many(200));
        var model = Fit(context, features, new Adam());
        var rows = context.Data.CreateEnumerable<Vector>(features, false).ToList();
        var size = rows[0].Features.Length;
        var mixed = rows.Select((row, i) => i % everyWrittenOut > 0 ? row : new() { Features = new(size, [.. row.Features.DenseValues()]) });
        Assert.Equal(Scores.Of(model.Transform(features)), Scores.Of(model.Transform(Load(context, mixed, size))));
    }

    [Fact]
    public void LazyUpdatesReachTheEngine()
    {
        var context = new MLContext();
        var features = Featurise(context, "one-hot", Review.Many(400));
        string Hash(Optimizer optimizer, SparseUpdate update) => Fit(context, features, optimizer, update).Model.WeightHash;
        Assert.NotEqual(Hash(new Adam(), SparseUpdate.Dense), Hash(new Adam(), SparseUpdate.Lazy));
        Assert.Equal(Hash(new Sgd(), SparseUpdate.Dense), Hash(new Sgd(), SparseUpdate.Lazy));
    }

    [Fact]
    public void UnusableSparseRowsAreSkipped()
    {
        var context = new MLContext();
        var rows = Enumerable.Range(0, 100).Select(i => Vector.Of(1000, i % 2 == 0, i % 20, i == 7 ? float.NaN : 1)).ToList();
        var warnings = new List<string>();
        context.Log += (_, e) => warnings.AddRange(e.Kind == ChannelMessageKind.Warning ? [e.RawMessage] : []);
        var hash = Fit(context, Load(context, rows, 1000), new Sgd()).Model.WeightHash;
        Assert.StartsWith("Skipped 1 of 100 training rows: 0 without a finite label, 1 with NaN or infinite features", Assert.Single(warnings));
        rows.RemoveAt(7);
        Assert.Equal(Fit(new MLContext(), Load(context, rows, 1000), new Sgd()).Model.WeightHash, hash);
    }

    [Theory, InlineData(0), InlineData(100), InlineData(600)]
    public void RowsMayTurnDenseOrSparseHalfWay(int denseFrom)
    {
        // Before row 256 nothing is decided, and what is kept by then is written out when the non-zeros prove to be many.
        const int Columns = 40;
        var rows = Enumerable.Range(0, 800).Select(i => i < denseFrom
            ? Vector.Of(Columns, i % 2 == 0, i % Columns, 1)
            : new() { IsGood = i % 2 == 0, Features = new(Columns, [.. Enumerable.Range(0, Columns).Select(c => (float)Math.Sin(i + c))]) }).ToList();
        var written = new Examples<float>(800, [.. rows.SelectMany(row => row.Features.DenseValues())], [.. rows.Select(row => row.IsGood ? 1f : 0)]);
        var options = new TrainingOptions { Hidden = [16], Epochs = 3, Optimizer = new Sgd() };
        var context = new MLContext();
        Assert.Equal(Training.Trainer.Fit(Head.Binary, 1, written, options).WeightHash, Fit(context, Load(context, rows, Columns), new Sgd()).Model.WeightHash);
    }

    [Theory, InlineData(SparseUpdate.Dense), InlineData(SparseUpdate.Lazy)]
    public void MemoryIsThatOfTheNonZerosAndTheWeights(SparseUpdate update)
    {
        // Written out, 20,000 rows of 200,000 numbers are 16 GB, more than an array holds.
        const int Columns = 200_000;
        var context = new MLContext();
        var rows = Enumerable.Range(0, 20_000).Select(i => Vector.Of(Columns, i % 2 == 0, i * 37 % 100_000 * 2 + i % 2, 1));
        var options = Options(new Adam(), update);
        (options.HiddenUnits, options.NumberOfIterations, options.BatchSize) = ([32], 1, 2000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var model = context.BinaryClassification.Trainers.MultilayerPerceptron(options).Fit(Load(context, rows, Columns));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        // Weights, two states, copies for the best epoch and the model are below 10 times the weights; rows and ML.NET's own below 50 MB.
        Assert.True(allocated < 10L * sizeof(float) * 32 * Columns + 50_000_000, $"{allocated:N0} bytes allocated");
        Assert.True(Scores.Of(model.Transform(Load(context, rows.Take(100), Columns))).Distinct().Count() > 1);
    }

    private static IEstimator<ITransformer> Featuriser(MLContext context, string kind) => kind == "one-hot"
        ? context.Transforms.Categorical.OneHotEncoding("A", nameof(Review.Author))
            .Append(context.Transforms.Categorical.OneHotEncoding("P", nameof(Review.Product)))
            .Append(context.Transforms.Concatenate("Features", "A", "P"))
        : context.Transforms.Text.TokenizeIntoWords("W", nameof(Review.Text))
            .Append(context.Transforms.Conversion.MapValueToKey("W"))
            .Append(context.Transforms.Text.ProduceNgrams("Features", "W"));

    private static IDataView Featurise(MLContext context, string kind, IEnumerable<Review> rows)
    {
        var data = context.Data.LoadFromEnumerable(rows);
        return Featuriser(context, kind).Fit(data).Transform(data);
    }

    private static IDataView Load(MLContext context, IEnumerable<Vector> rows, int columns)
    {
        var schema = SchemaDefinition.Create(typeof(Vector));
        schema[nameof(Vector.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, columns);
        return context.Data.LoadFromEnumerable(rows, schema);
    }

    private static MultilayerPerceptronOptions Options(Optimizer optimizer, SparseUpdate update) => new()
    {
        Preset = Preset.Plain,
        LabelColumnName = nameof(Review.IsGood),
        HiddenUnits = [16],
        NumberOfIterations = 3,
        Optimizer = optimizer,
        SparseUpdate = update,
    };

    private static MultilayerPerceptronBinaryTrainer Trainer(MLContext context, Optimizer optimizer, SparseUpdate update = SparseUpdate.Dense)
        => context.BinaryClassification.Trainers.MultilayerPerceptron(Options(optimizer, update));

    private static MultilayerPerceptronBinaryTransformer Fit(
        MLContext context, IDataView data, Optimizer optimizer, SparseUpdate update = SparseUpdate.Dense)
        => Trainer(context, optimizer, update).Fit(data);

    private sealed class Review
    {
        public string Author { get; set; } = "";

        public string Product { get; set; } = "";

        public string Text { get; set; } = "";

        public bool IsGood { get; set; }

        public static List<Review> Many(int count)
        {
            var random = new Random(5);
            string[] words = [.. Enumerable.Range(0, 60).Select(i => $"word{i}")];
            return [.. Enumerable.Range(0, count).Select(_ => new Review
            {
                Author = $"a{random.Next(40)}",
                Product = $"p{random.Next(60)}",
                Text = string.Join(' ', random.GetItems(words, 1 + random.Next(12))),
                IsGood = random.Next(2) == 0,
            })];
        }
    }

    private sealed class Vector
    {
        public bool IsGood { get; set; }

        public VBuffer<float> Features { get; set; }

        public static Vector Of(int columns, bool isGood, int column, float value)
            => new() { IsGood = isGood, Features = new(columns, 1, [value], [column]) };
    }

    private sealed class Verdict
    {
        public bool PredictedLabel { get; set; }

        public float Score { get; set; }

        public float Probability { get; set; }
    }
}
