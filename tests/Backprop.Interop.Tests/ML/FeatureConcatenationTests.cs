using Backprop.ML;
using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>Columns of any type as one vector: what its slots hold, are called and are known for, and what is refused.</summary>
public sealed class FeatureConcatenationTests
{
    private readonly MLContext context = new(seed: 1);

    [Fact]
    public void ValuesAreNumberedByTheirRowsAndWhatIsRareOrNotThereIsZero()
    {
        var rows = CategoryRow.Some(6);
        string[] jobs = ["cook", "nurse", "cook", "nurse", "nurse", "smith"];
        foreach (var (i, row) in rows.Index())
        {
            (row.Job, row.Level, row.IsOpen, row.Years, row.Code) = (jobs[i], i / 2, i > 0, i + 0.5, i < 2 ? float.NaN : i % 2 == 0 ? 0f : -0f);
        }

        string[] names = [nameof(CategoryRow.Years), nameof(CategoryRow.Job), nameof(CategoryRow.Level), nameof(CategoryRow.IsOpen), nameof(CategoryRow.Code)];
        var model = context.Transforms.ConcatenateFeatures("Made", names, [nameof(CategoryRow.Level), nameof(CategoryRow.Code)]).Fit(Load(rows));
        Assert.Equal(["nurse", "cook"], model.CategoriesOf(nameof(CategoryRow.Job)));
        Assert.Equal(["0", "1", "2"], model.CategoriesOf(nameof(CategoryRow.Level)));
        Assert.Equal(["0"], model.CategoriesOf(nameof(CategoryRow.Code)));
        Assert.Throws<ArgumentException>(() => model.CategoriesOf(nameof(CategoryRow.Years)));
        rows[5].Level = 9;
        Assert.Equal(
            [[0.5f, 2, 1, 0, 0], [1.5f, 1, 1, 1, 0], [2.5f, 2, 2, 1, 1], [3.5f, 1, 2, 1, 1], [4.5f, 1, 3, 1, 1], [5.5f, 0, 0, 1, 1]],
            model.Transform(Load(rows)).GetColumn<float[]>("Made"));
    }

    [Fact]
    public void SlotsKeepTheirNamesRangesAndNumbers()
    {
        var rows = Load(CategoryRow.Some(300));
        var first = context.Transforms.Categorical.OneHotEncoding("Coded", nameof(CategoryRow.Job))
            .Append(context.Transforms.ConcatenateFeatures("First", [nameof(Row.Weight), nameof(CategoryRow.Town), "Coded"]))
            .Append(context.Transforms.ConcatenateFeatures("Second", [nameof(Row.Features), "First", nameof(CategoryRow.Job)]));
        var made = first.Fit(rows).Transform(rows).Schema["Second"];
        VBuffer<ReadOnlyMemory<char>> names = default;
        made.GetSlotNames(ref names);
        Assert.Equal(
            ["Features.0", "Features.1", "Features.2", "Features.3", "First.Weight", "First.Town", "Job"],
            names.DenseValues().Select(name => $"{name}").Where(name => !name.Contains("Coded")));
        Assert.Equal([(6, 8)], CategorySlots.RangesOf(made));
        Assert.Equal([(5, 12, true), (9, 3, true)], CategorySlots.NumbersOf(made).Select(number => (number.First, number.Categories, number.IsNumber)));
    }

    [Fact]
    public void WideSparseVectorsStaySparse()
    {
        var rows = CategoryRow.Some(200);
        rows.ForEach(row => row.Note = string.Join(' ', Enumerable.Range(0, 5).Select(i => $"w{(row.Level * 997 + i * 331 + (int)row.Years * 7919) % 4000}")));
        var features = context.Transforms.Text.FeaturizeText("Words", nameof(Row.Note))
            .Append(context.Transforms.ConcatenateFeatures("Features", [nameof(CategoryRow.Town), "Words"]));
        var data = features.Fit(Load(rows)).Transform(Load(rows));
        Assert.All(data.GetColumn<VBuffer<float>>("Features"), row => Assert.False(row.IsDense));
        Assert.True(((VectorDataViewType)data.Schema["Features"].Type).Size > MultilayerPerceptronOptions.MostDenseFeatures);
        var model = context.Regression.Trainers.MultilayerPerceptron(nameof(Row.Amount), numberOfIterations: 2).Fit(data);
        Assert.All(model.Transform(data).GetColumn<float>("Score"), score => Assert.True(float.IsFinite(score)));
    }

    [Fact]
    public void WhatDoesNotFitIsRefusedWithItsName()
    {
        var rows = Load(CategoryRow.Some(60));
        ITransformer Fit(string[] inputs, params string[] categorical) => context.Transforms.ConcatenateFeatures("Made", inputs, categorical).Fit(rows);
        Assert.Contains("none", Assert.Throws<ArgumentException>(() => Fit([])).Message);
        Assert.Contains("each once", Assert.Throws<ArgumentException>(() => Fit(["Job", "Job"])).Message);
        Assert.Contains("'Town' is not among those", Assert.Throws<ArgumentException>(() => Fit(["Job"], "Town")).Message);
        Assert.Contains("'Jobs'", Assert.ThrowsAny<ArgumentException>(() => Fit(["Jobs"])).Message);
        Assert.Contains("'Features'", Assert.ThrowsAny<ArgumentException>(() => Fit(["Features"], "Features")).Message);
        var model = Fit(["Job", "Level"], "Level");
        var others = context.Data.LoadFromEnumerable([new Other { Job = 1, Level = 1 }]);
        Assert.Contains("Column 'Job' is of", Assert.ThrowsAny<ArgumentException>(() => model.Transform(others)).Message);
        var fewer = context.Transforms.DropColumns("Level").Fit(rows).Transform(rows);
        Assert.Contains("no column 'Level'", Assert.ThrowsAny<ArgumentException>(() => model.Transform(fewer)).Message);
    }

    [Fact]
    public void TheNetworkAloneTakesTheNumbersOfCategories()
    {
        var rows = Load(CategoryRow.Some(200));
        var features = context.Transforms.ConcatenateFeatures("Features", CategoryRow.Inputs, CategoryRow.Codes);
        var model = features.Append(context.Regression.Trainers.MultilayerPerceptron(nameof(Row.Amount), numberOfIterations: 2)).Fit(rows);
        var path = Path.GetTempFileName();
        context.Model.SaveCSharp(model, rows.Schema, path);
        Assert.Contains("Category(", File.ReadAllText(path));
        File.Delete(path);
        var network = model.MultilayerPerceptron().Network;
        var written = model.Transform(rows).GetColumn<float[]>("Features").ToList();
        var scores = new float[written.Count];
        network.Score([.. written.SelectMany(row => row)], scores);
        Assert.Equal(model.Transform(rows).GetColumn<float>("Score"), scores);
        Assert.Equal([4, 5, 6, 7, 8], new InputGradients<float>(network).CategoryColumns);

        var explained = model.Append(context.Transforms.CalculateFeatureAttribution(model).Fit(model.Transform(rows))).Transform(rows);
        Assert.All(explained.GetColumn<float[]>("FeatureAttributions"), row =>
        {
            Assert.Equal(written[0].Length, row.Length);
            Assert.All(row[4..9], part => Assert.Equal(0, part));
        });
    }

    private IDataView Load(IReadOnlyList<CategoryRow> rows) => context.Data.LoadFromEnumerable(rows);

    private sealed class Other
    {
        public float Job { get; set; }

        public int Level { get; set; }
    }
}
