using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>What presets make of features that name categories.</summary>
public class CategoryInputsTests
{
    // Two numbers around a category of 3, and one of 20 at the end.
    private const int Few = 3;
    private const int Many = 20;
    private static readonly CategoricalFeature[] Numbered = [new(1, Few, IsNumber: true), new(3, Many, IsNumber: true)];
    private static readonly CategoricalFeature[] OneHot = [new(1, Few, IsNumber: false), new(2 + Few, Many, IsNumber: false)];

    public static TheoryData<string> Presets => [.. Preset.All.Where(preset => preset != Preset.Plain).Select(preset => preset.Name)];

    [Theory, MemberData(nameof(Presets))]
    public void OnlyNumbersAreScaled(string preset)
    {
        foreach (var (categories, features) in new[] { (Numbered, 4), (OneHot, 2 + Few + Many) })
        {
            var facts = new TableFacts(Head.Binary, 1, 1000, features) { Categories = categories };
            Assert.Equal(2, facts.Numbers);
            var layers = Preset.Parse(preset).Choose(facts).Model.Signals;
            Assert.All(layers.Where(signal => signal.Layer is RobustScale or PiecewiseLinearEncoding), signal => Assert.Equal(2, signal.Inputs[0].Width));
            // Clipped, and whole for their bins.
            Assert.Equal((2, 1), (layers.Count(signal => signal.Layer is RobustScale), layers.Count(signal => signal.Layer is PiecewiseLinearEncoding)));
        }
    }

    [Fact]
    public void OfFewCategoriesNumbersGiveTheBitsOfOneHotColumns()
    {
        var (numbers, columns) = (Table(Numbered[..1], oneHot: false), Table(Numbered[..1], oneHot: true));
        var (byNumber, byColumn) = (Fit(numbers, Numbered[..1]), Fit(columns, OneHot[..1]));
        Assert.Equal(byColumn.History.Select(epoch => epoch.ValidationLoss), byNumber.History.Select(epoch => epoch.ValidationLoss));
        Assert.Equal(Scores(byColumn, columns), Scores(byNumber, numbers));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void WhatIsNoKnownCategoryHasZerosThatOnlyRowsTeach(bool haveUnknown)
    {
        var table = Table(Numbered, oneHot: false);
        for (var row = 0; haveUnknown && row < table.Rows; row += 10)
        {
            (table.Features[row * 4 + 1], table.Features[row * 4 + 3]) = (0, 0);
        }

        var weights = Fit(table, Numbered).Network.CopyWeights();
        var (few, many) = (weights["onehot1.weight"].ToArray(), weights["category3.weight"].ToArray());
        Assert.Equal([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1], few);
        Assert.Equal(haveUnknown, many[..8].Any(number => number != 0));
        Assert.All(many[8..].Chunk(8), category => Assert.Contains(category, number => number != 0));
    }

    [Theory, MemberData(nameof(Presets))]
    public void CategoriesAloneWithOneValueOrNoneAreEnough(string preset)
    {
        var table = Table([new(0, Many, IsNumber: true)], oneHot: false, numbers: 0);
        foreach (var known in (int[])[0, 1, Few, Many])
        {
            var features = Array.ConvertAll(table.Features, number => number > known ? 0 : number);
            var result = Fit(new(table.Rows, features, table.Targets), [new(0, known, IsNumber: true)], preset);
            Assert.All(Scores(result, new(table.Rows, features, table.Targets)), score => Assert.True(float.IsFinite(score)));
        }
    }

    [Fact]
    public void CategoriesThatOverlapAreRefused()
    {
        var options = new TrainingOptions { Categories = [new(0, Few, IsNumber: false), new(2, Many, IsNumber: true)] };
        Assert.Contains("begin with feature 2", Assert.Throws<ArgumentException>(() => options.ModelFor(Head.Binary, 5, 1)).Message);
    }

    private static TrainingResult<float> Fit(Examples<float> table, IReadOnlyList<CategoricalFeature> categories, string preset = "default")
        => Trainer.Fit(
            Head.Binary, 1, facts =>
            {
                var options = Preset.Parse(preset).Options(facts with { Categories = categories }) with { Epochs = 3, Members = 1 };
                return (options.ModelFor(facts.Head, facts.Features, facts.Outputs), options);
            },
            table);

    private static float[] Scores(TrainingResult<float> result, Examples<float> table)
    {
        var scores = new float[table.Rows];
        result.Network.Score(table.Features, scores);
        return scores;
    }

    /// <summary>Two numbers, or none, the categories behind the first; labels that follow from the last category.</summary>
    private static Examples<float> Table(IReadOnlyList<CategoricalFeature> categories, bool oneHot, int numbers = 2)
    {
        const int Rows = 700;
        var random = new Random(5);
        var (features, targets) = (new List<float>(), new float[Rows]);
        for (var row = 0; row < Rows; row++)
        {
            var chosen = categories.Select(category => random.Next(category.Categories)).ToList();
            float[] values = [.. Enumerable.Range(0, numbers).Select(_ => random.NextSingle())];
            targets[row] = chosen[^1] % 2;
            features.AddRange(values[..(numbers / 2)]);
            for (var i = 0; i < chosen.Count; i++)
            {
                features.AddRange(oneHot ? Enumerable.Range(0, categories[i].Categories).Select(category => category == chosen[i] ? 1f : 0) : [chosen[i] + 1]);
                features.AddRange(i == 0 ? values[(numbers / 2)..] : []);
            }
        }

        return new(Rows, [.. features], targets);
    }
}
