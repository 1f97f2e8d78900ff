using Backprop.ML;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Backprop.Interop.Tests.ML;

/// <summary>
/// Categories, whether one-hot or put together by name, are told from numbers by every trainer, and values that training has not seen are scored.
/// </summary>
public sealed class CategoryTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backprop-").FullName;
    private readonly MLContext context = new(seed: 1);

    public static TheoryData<TrainerTask, string> TasksAndWays
    {
        get
        {
            var data = new TheoryData<TrainerTask, string>();
            foreach (var task in TrainerTask.All)
            {
                data.Add(task, "names");
                data.Add(task, "one-hot");
            }

            return data;
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(TasksAndWays))]
    public void EveryTrainerLearnsFromCategoriesAndASavedModelGivesTheSameBits(TrainerTask task, string way)
    {
        var (data, held) = (Load(CategoryRow.Some(600)), Load(CategoryRow.Every()));
        var model = Features(way).Append(task.Pipeline(context, Quick)).Fit(data);
        var scored = model.Transform(held);
        Assert.All(CategoryRow.Categories, column => MustKnow(column, task, scored));
        var scores = Scores.Of(scored);
        Assert.Equal(scores, Scores.RowByRow(model, held));
        var path = Path.Combine(folder, "model.zip");
        context.Model.Save(model, data.Schema, path);
        Assert.Equal(scores, Scores.Of(new MLContext().Model.Load(path, out _).Transform(held)));
    }

    [Theory, MemberData(nameof(TasksAndWays))]
    public void NeitherScaledNorInBins(TrainerTask task, string way)
    {
        var model = Features(way).Append(task.Pipeline(context, Quick)).Fit(Load(CategoryRow.Some(600))).MultilayerPerceptron().Network.Model;
        // The vector of numbers and the years.
        Assert.Equal(CategoryRow.FeatureCount + 1, Width(model, signal => signal.Layer is RobustScale));
        Assert.Equal(CategoryRow.FeatureCount + 1, Width(model, signal => signal.Layer is PiecewiseLinearEncoding));
        // Of towns, 8 learned numbers each; of all others, one for each category.
        var learned = model.Signals.Where(signal => signal.Layer is Embedding or Linear { Bias: false }).Select(signal => signal.Width);
        Assert.Equal(way == "names" ? [3, 8, 4, 3, 2] : [8], learned);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void WhatIsMissingIsScoredLikeWhatTrainingHasNotSeen(TrainerTask task)
    {
        var model = Features("names").Append(task.Pipeline(context, Quick)).Fit(Load(CategoryRow.Some(600)));
        var (rows, others) = (CategoryRow.Some(50, seed: 5), CategoryRow.Some(50, seed: 5));
        rows.ForEach(row => (row.Job, row.Town, row.Level, row.Code) = ("", 99, -7, float.NaN));
        others.ForEach(row => (row.Job, row.Town, row.Level, row.Code) = ("pilot", CategoryRow.Towns, 1, 17));
        var scores = Scores.Of(model.Transform(Load(rows)));
        Assert.Equal(scores, Scores.Of(model.Transform(Load(others))));
        Assert.Equal(scores, Scores.RowByRow(model, Load(others)));
        Assert.All(task.NumbersOf(context, model.Transform(Load(rows))).SelectMany(numbers => numbers), number => Assert.True(float.IsFinite(number)));

        // Nobody's numbers: zeros, and as good as none of the others.
        var network = model.MultilayerPerceptron().Network;
        var tables = network.Model.NamedLayers.Where(layer => layer.First.Layer is Embedding).ToList();
        Assert.Equal(5, tables.Count);
        var weights = network.CopyWeights();
        Assert.All(tables, table => Assert.All(
            weights[$"{table.Name}.weight"][..((Embedding)table.First.Layer!).Units].ToArray(), number => Assert.Equal(0, number)));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void UnknownAndMissingTextsAreScoredWhereTheyAreOneHot(TrainerTask task)
    {
        var model = Features("one-hot").Append(task.Pipeline(context, Quick)).Fit(Load(CategoryRow.Some(600)));
        var (rows, others) = (CategoryRow.Some(50, seed: 5), CategoryRow.Some(50, seed: 5));
        rows.ForEach(row => row.Job = "");
        others.ForEach(row => row.Job = "pilot");
        var scores = Scores.Of(model.Transform(Load(rows)));
        Assert.Equal(scores, Scores.Of(model.Transform(Load(others))));
        Assert.All(task.NumbersOf(context, model.Transform(Load(rows))).SelectMany(numbers => numbers), number => Assert.True(float.IsFinite(number)));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void WhatRowsToLearnFromLackIsLearned(TrainerTask task)
    {
        // Whoever has no job is worth as much as a cook.
        var rows = CategoryRow.Some(800);
        rows.Where(row => row.Job == "cook").ToList().ForEach(row => row.Job = "");
        var model = Features("names").Append(task.Pipeline(context, Quick)).Fit(Load(rows));
        var held = CategoryRow.Every();
        held.Where(row => row.Job == "cook").ToList().ForEach(row => row.Job = "pilot");
        MustKnow(nameof(CategoryRow.Job), task, model.Transform(Load(held)));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void ImportanceIsAColumnsAndNotASlots(TrainerTask task)
    {
        if (task == TrainerTask.SeveralNumbers)
        {
            return; // ML.NET has no importance of several labels.
        }

        var rows = Load(CategoryRow.Some(600));
        // Of ML.NET's, a chain in a chain has no predictor.
        var data = Features("names").Fit(rows).Transform(rows);
        var importance = task.Importance(context, task.Pipeline(context, Quick).Fit(data), data);
        Assert.Equal(CategoryRow.FeatureCount + 6, importance.Count);
        Assert.Equal(nameof(CategoryRow.Town), importance.MaxBy(pair => pair.Value).Key);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void APlainPresetAFileOfRowsAndFurtherTrainingKnowCategoriesToo(TrainerTask task)
    {
        var data = Features("names").Fit(Load(CategoryRow.Some(3000))).Transform(Load(CategoryRow.Some(3000)));
        void Plain(MultilayerPerceptronOptions options) => (options.NumberOfIterations, options.MemoryCap, options.CacheFolder) = (3, 1 << 20, folder);
        var model = task.Fit(context, data, null, change: Plain);
        Assert.Equal([3, 8, 4, 3, 2], model.Network.Model.Signals.Where(signal => signal.Layer is Embedding).Select(signal => signal.Width));
        var further = task.Fit(context, data, data, model, Plain);
        Assert.Equal($"{model.Network.Model}", $"{further.Network.Model}");
        Assert.True(further.History[0].TrainingLoss < model.History[0].TrainingLoss, "began anew");
    }

    [Fact]
    public void ABagOfWordsIsNoCategory()
    {
        var rows = CategoryRow.Some(300);
        rows.ForEach(row => row.Job = row.Level % 2 == 0 ? $"{row.Job} {row.Job} cook" : row.Job);
        var features = context.Transforms.Text.TokenizeIntoWords("Words", nameof(CategoryRow.Job))
            .Append(context.Transforms.Categorical.OneHotEncoding("Words", outputKind: OneHotEncodingEstimator.OutputKind.Bag))
            .Append(context.Transforms.Concatenate("Features", nameof(CategoryRow.Features), "Words"));
        var model = features.Append(TrainerTask.OneNumber.Pipeline(context, Quick)).Fit(Load(rows)).MultilayerPerceptron().Network.Model;
        Assert.Equal(model.Inputs, Width(model, signal => signal.Layer is RobustScale));
    }

    [Theory, InlineData("constant"), InlineData("all missing"), InlineData("all different"), InlineData("all but two different")]
    public void PoorCategoriesDoNoHarm(string kind)
    {
        IDataView Noted(List<CategoryRow> rows)
        {
            foreach (var (i, row) in rows.Index())
            {
                row.Note = kind == "constant" ? "one" : kind == "all missing" ? "" : kind == "all different" || i > 1 ? $"{i}" : "two";
            }

            return Load(rows);
        }

        // Alone, too.
        foreach (string[] names in (string[][])[[nameof(Row.Note)], [.. CategoryRow.Inputs, nameof(Row.Note)]])
        {
            string[] codes = [.. CategoryRow.Codes.Intersect(names)];
            TrainerTask[] tasks = [TrainerTask.TwoClasses, TrainerTask.ManyClasses, TrainerTask.OneNumber, TrainerTask.SeveralNumbers, TrainerTask.Intervals];
            foreach (var task in tasks)
            {
                var features = context.Transforms.ConcatenateFeatures("Features", names, codes);
                var pipeline = features.Append(task.Pipeline(context, AsThePresetHasThem));
                var scored = pipeline.Fit(Noted(CategoryRow.Some(300))).Transform(Noted(CategoryRow.Every()));
                Assert.All(task.NumbersOf(context, scored).SelectMany(numbers => numbers), number => Assert.True(float.IsFinite(number)));
                Assert.All(names.Intersect(CategoryRow.Categories), column => MustKnow(column, task, scored));
            }
        }
    }

    [Fact]
    public void AHundredThousandCategoriesAndKeysOfAnyNumberAreEmbedded()
    {
        const int Categories = 100_000;
        var rows = Enumerable.Range(0, 2 * Categories);
        var data = context.Data.LoadFromEnumerable(
            rows.Select(i => new ManyRow { Text = $"t{i % Categories}", Key = (uint)(i % 7 * 1_000_003), Amount = i % 2 }).ToList());
        var model = context.Transforms.ConcatenateFeatures("Features", [nameof(ManyRow.Text), nameof(ManyRow.Key)])
            .Append(TrainerTask.OneNumber.Pipeline(context, options =>
                (options.Preset, options.HiddenUnits, options.NumberOfIterations, options.BatchSize) = (Preset.Fast, null, 1, 4096)))
            .Fit(data);
        var tables = model.MultilayerPerceptron().Network.Model.Signals.Select(signal => signal.Layer).OfType<Embedding>();
        Assert.Equal([(Categories + 1, 8), (8, 7)], tables.Select(layer => (layer.Categories, layer.Units)));
        Assert.All(Scores.Of(model.Transform(context.Data.TakeRows(data, 100))), Assert.NotNull);
    }

    [Fact]
    public void OwnLayersAreGivenTheNumbersOfCategories()
    {
        var model = context.Transforms.ConcatenateFeatures("Features", [nameof(CategoryRow.Town), nameof(Row.Features)])
            .Append(TrainerTask.OneNumber.Pipeline(context, options => options.Layers = x =>
                Signal.Concatenate(x.Columns(0, 1).Embedding(CategoryRow.Towns + 1, 3), x.Columns(1, CategoryRow.FeatureCount)).Linear(8)))
            .Fit(Load(CategoryRow.Some(300)));
        var scored = model.Transform(Load(CategoryRow.Every()));
        Assert.Equal(CategoryRow.Towns, Scores.Of(scored).Distinct().Count());
        MustKnow(nameof(CategoryRow.Town), TrainerTask.OneNumber, scored, [.. CategoryRow.Categories.Except([nameof(CategoryRow.Town)])]);
    }

    /// <summary>Scores of <see cref="CategoryRow.Every"/> that nobody reaches who is not told a column, nor others which this one was not told.</summary>
    private void MustKnow(string column, TrainerTask task, IDataView scored, params string[] untold)
    {
        var (quality, best) = (task.Quality(context, scored), CategoryRow.BestWithout(task, [column, .. untold]));
        Assert.True(quality > best, $"{quality}, where {best} can be had without the column {column}");
    }

    private static int Width(Model model, Func<Signal, bool> isMeant) => model.Signals.Where(isMeant).Select(signal => signal.Inputs[0].Width).Distinct().Single();

    /// <summary>Few rows take as many epochs as the preset gives them.</summary>
    private static void AsThePresetHasThem(MultilayerPerceptronOptions options)
    {
        Quick(options);
        options.NumberOfIterations = null;
    }

    private static void Quick(MultilayerPerceptronOptions options)
        => (options.Preset, options.HiddenUnits, options.LearningRate, options.NumberOfIterations, options.Members) = (Preset.Default, null, null, 25, 1);

    private IDataView Load(IReadOnlyList<CategoryRow> rows) => context.Data.LoadFromEnumerable(rows);

    private IEstimator<ITransformer> Features(string way)
    {
        if (way == "names")
        {
            return context.Transforms.ConcatenateFeatures("Features", CategoryRow.Inputs, CategoryRow.Codes);
        }

        string[] categories = [nameof(CategoryRow.Job), nameof(CategoryRow.Level), nameof(CategoryRow.Code), nameof(CategoryRow.IsOpen)];
        return context.Transforms.Conversion.ConvertType(nameof(CategoryRow.Years), outputKind: DataKind.Single)
            .Append(context.Transforms.Conversion.MapKeyToVector(nameof(CategoryRow.Town)))
            .Append(context.Transforms.Categorical.OneHotEncoding([.. categories.Select(name => new InputOutputColumnPair(name))]))
            .Append(context.Transforms.Concatenate("Features", CategoryRow.Inputs));
    }

    private sealed class ManyRow
    {
        public string Text { get; set; } = "";

        [KeyType(uint.MaxValue)]
        public uint Key { get; set; }

        public float Amount { get; set; }
    }
}
