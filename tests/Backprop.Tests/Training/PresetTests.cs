using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>What presets choose, that any table gives a finite model, and that the choice is as good as it is meant to be.</summary>
public class PresetTests
{
    private static readonly Head[] Heads = [.. Head.All];

    public static IEnumerable<object[]> PresetsAndHeads => Preset.All.SelectMany(preset => Heads.Select(head => new object[] { preset.Name, $"{head}" }));

    public static TheoryData<string> Presets => [.. Preset.All.Select(preset => preset.Name)];

    [Fact]
    public void OptionsAreAFunctionOfTheTable()
    {
        TableFacts Facts(long rows, int features, bool sparse = false) => new(Head.Binary, 1, rows, features, sparse);
        foreach (var preset in Preset.All)
        {
            Assert.Same(preset, Preset.Parse(preset.Name));
            Assert.Equal(Described(preset, Facts(900, 7)), Described(preset, Facts(900, 7)));
            Assert.Equal(new TrainingOptions().Optimizer, preset.Options(Facts(900, 7, sparse: true)).Optimizer);
        }

        string Described(Preset preset, TableFacts facts) => $"{preset.Choose(facts).Model} {preset.Options(facts).Optimizer} {preset.Options(facts).Epochs}";
        Assert.Equal([1, 5, 8, 1], Preset.All.Select(preset => preset.Options(Facts(900, 7)).Members));
        Assert.Equal([1, 1, 5, 1], Preset.All.Select(preset => preset.Options(Facts(9000, 7)).Members));
        Assert.Equal([1, 2, 4, 1], Preset.All.Select(preset => preset.Options(Facts(9000, 7)).SharedMembers));
        Assert.Equal(4, Preset.Best.Choose(Facts(900, 7)).Model.HeadOutputs[0].Trained.Count);
        // Bins need rows, and are no more than the network can pay for.
        Assert.Equal(
            [(200, 7, 0), (1000, 7, 20), (50_000, 7, 48), (50_000, 300, 3), (50_000, 5000, 0)],
            new[] { (200, 7), (1000, 7), (50_000, 7), (50_000, 300), (50_000, 5000) }.Select(size => (size.Item1, size.Item2, Bins(Facts(size.Item1, size.Item2)))));
        Assert.Throws<ArgumentException>(() => Preset.Parse("fastest"));

        static int Bins(TableFacts facts)
            => Preset.Default.Choose(facts).Model.NamedLayers.Select(layer => layer.First.Layer).OfType<PiecewiseLinearEncoding>().SingleOrDefault()?.Bins ?? 0;
    }

    [Theory, MemberData(nameof(PresetsAndHeads))]
    public void EveryHeadLearns(string preset, string name)
    {
        var (head, outputs) = (Head.Parse(name), Catalogue.OutputsOf(Head.Parse(name)));
        var table = Catalogue.Table(Catalogue.Network("6", name, "tanh"), 150);
        var result = Fit(preset, head, outputs, table);
        Assert.True(result.History[^1].TrainingLoss < result.History[0].TrainingLoss, $"{result.History[0].TrainingLoss} to {result.History[^1].TrainingLoss}");
        AssertFinite(result, table);
    }

    [Theory, MemberData(nameof(Presets))]
    public void WhatIsMissingConstantOrHugeSpoilsNoColumn(string preset)
    {
        if (preset == Preset.Plain.Name)
        {
            return;
        }

        // A class by the sign of one column; the others are constant, missing throughout, huge now and then, and missing now and then.
        var table = Table(300, 5, (row, x, random) =>
        {
            (x[1], x[2], x[3]) = (7, float.NaN, row % 20 == 3 ? 1e30f : row % 20 == 4 ? float.NegativeInfinity : x[3]);
            x[4] = row % 3 == 0 ? float.NaN : x[4];
            return x[0] > 0 ? 1 : 0;
        });
        var result = Fit(preset, Head.Binary, 1, table);
        AssertFinite(result, table);
        Assert.InRange(Accuracy(result, table), 0.9, 1);

        // Only such columns: the share of the classes is all there is to learn.
        var blank = Table(200, 2, (row, x, _) =>
        {
            (x[0], x[1]) = (float.NaN, -1e30f);
            return row % 10 < 3 ? 1 : 0;
        });
        Assert.All(AssertFinite(Fit(preset, Head.Binary, 1, blank), blank), logit => Assert.Equal(0.3, 1 / (1 + Math.Exp(-logit)), 0.1));
    }

    [Theory, MemberData(nameof(Presets))]
    public void WhatHardlyAnyRowLacksIsTakenForItsMedian(string preset)
    {
        if (preset == Preset.Plain.Name)
        {
            return;
        }

        // With bins and without. One row of class 0 lacks every value; those with 0, the median of any fold, are half of class 1.
        foreach (var rows in new[] { 301, 901 })
        {
            var table = Table(rows, 2, (row, x, _) =>
            {
                (x[0], x[1]) = row == rows - 1 ? (float.NaN, float.NaN) : (row % 4 == 0 ? -1 : row % 4 == 1 ? 1 : 0, row % 5 - 2);
                return row < rows - 1 && (x[0] > 0 || row % 8 < 4) ? 1 : 0;
            });
            var network = Fit(preset, Head.Binary, 1, table, epochs: 10).Network;
            Assert.Equal(rows > 600, network.Model.NamedLayers.Any(layer => layer.First.Layer is PiecewiseLinearEncoding));
            var scores = new float[2];
            network.Score([0, 0, float.NaN, float.NaN], scores);
            Assert.Equal(scores[0], scores[1]);
        }
    }

    [Theory, MemberData(nameof(Presets))]
    public void OneHugeAmountAmongZerosHidesNoOther(string preset)
    {
        if (preset == Preset.Plain.Name)
        {
            return;
        }

        // Amounts that are mostly 0, and the class says whether one is above 0.5; then one of them is huge.
        var table = Table(400, 1, (row, x, random) =>
        {
            x[0] = row == 7 ? 1e30f : row % 3 == 0 ? (row % 100 + 1) / 100f : 0;
            return x[0] > 0.5f ? 1 : 0;
        });
        Assert.InRange(Accuracy(Fit(preset, Head.Binary, 1, table), table), 0.95, 1);
    }

    [Theory, MemberData(nameof(Presets))]
    public void FewRowsAndManyClassesAreEnough(string preset)
    {
        foreach (var (rows, classes) in new[] { (1, 2), (2, 2), (10, 10), (10, 2), (1000, 1000), (300, 3) })
        {
            var table = Table(rows, 3, (row, _, _) => row % classes);
            AssertFinite(Fit(preset, Head.Multiclass, classes, table), table);
        }

        // One row in 500 is of the other class.
        var rare = Table(500, 3, (row, x, _) => row == 250 ? 1 : 0);
        Assert.InRange(Accuracy(Fit(preset, Head.Binary, 1, rare), rare), 0.99, 1);
        var one = Table(1, 2, (_, _, _) => 5);
        AssertFinite(Fit(preset, Head.Regression, 1, one), one);
    }

    [Theory, MemberData(nameof(Presets))]
    public void LabelsMayBeOfAnySize(string preset)
    {
        foreach (var scale in new[] { 1e-6f, 1, 1e6f, 1e30f })
        {
            var table = Table(400, 3, (_, x, _) => scale * (100 + x[0] - 2 * x[1]));
            var result = Fit(preset, Head.Regression, 1, table);
            Assert.InRange(R2(AssertFinite(result, table), table), 0.8, 1);
        }

        var outlier = Table(300, 3, (row, x, _) => row == 7 ? 1e30f : x[0]);
        AssertFinite(Fit(preset, Head.Regression, 1, outlier), outlier);
        var constant = Table(300, 3, (_, _, _) => -4);
        Assert.All(AssertFinite(Fit(preset, Head.Regression, 1, constant), constant), score => Assert.Equal(-4, score, 0.1));
        var counts = Table(300, 3, (_, x, _) => MathF.Round(1e6f * MathF.Abs(x[0])));
        AssertFinite(Fit(preset, Head.Poisson, 1, counts), counts);
    }

    [Theory, MemberData(nameof(Presets))]
    public void CountsMayBeOfAnySize(string preset)
    {
        if (preset == Preset.Plain.Name)
        {
            return;
        }

        const int Learned = 350, Fresh = 500;
        foreach (var mean in new[] { 5, 1e2, 1e4, 1e6 })
        {
            // Rates of that mean, whose logarithms have a standard deviation of 0.36.
            double Rate(float[] x) => mean * Math.Exp(0.3 * x[0] - 0.2 * x[1] - (0.3 * 0.3 + 0.2 * 0.2) / 2);
            var all = Table(Learned + Fresh, 2, (_, x, random) => Count(Rate(x), random));
            Examples<float> Part(Range rows) => new(
                all.Targets[rows].Length, all.Features[(2 * rows.Start.Value)..(2 * rows.End.Value)], all.Targets[rows]);
            var (table, fresh) = (Part(0..Learned), Part(Learned..(Learned + Fresh)));
            double[] rates = [.. fresh.Features.Chunk(2).Select(Rate)];

            // What deviance is more than the counts' own: that of the rates. All of it is the best constant's.
            double Deviance(IEnumerable<double> scores)
                => rates.Zip(scores, (rate, score) => 2 * (rate * Math.Log(rate / score) - rate + score)).Average();
            double[] scores = [.. AssertFinite(Fit(preset, Head.Poisson, 1, table, epochs: 80, members: 1), fresh).Select(score => (double)score)];
            var constant = Deviance(Enumerable.Repeat(table.Targets.Average(target => (double)target), Fresh));
            // A tenth of it may stay, and what counts cannot tell: each of, say, 20 numbers that are fitted to them costs 1 in all (Wilks).
            var allowed = constant / 10 + 20.0 / Learned;
            Assert.InRange(Deviance(scores), 0, allowed);

            // To first order in the logarithms' errors d, deviance is the mean of rate d², and the mean of rate |d| no more than its root
            // times that of the mean rate (Cauchy and Schwarz); and five standard errors of the counts' mean.
            var bound = Math.Sqrt(mean * allowed) + 5 * Math.Sqrt(mean / Fresh);
            Assert.Equal(fresh.Targets.Average(target => (double)target), scores.Average(), bound);
        }
    }

    [Theory, MemberData(nameof(Presets))]
    public void ManyRowsAndManyColumnsAreTaken(string preset)
    {
        var many = Table(100_000, 2, (_, x, _) => x[0] > x[1] ? 1 : 0);
        AssertFinite(Fit(preset, Head.Binary, 1, many, epochs: 1, members: 1), many);
        var wide = Table(40, 2000, (_, x, _) => x[0] > 0 ? 1 : 0);
        AssertFinite(Fit(preset, Head.Binary, 1, wide, epochs: 3), wide);
        var sparse = new Examples<float>(new SparseMatrix<float>(60, 500, [.. Enumerable.Range(0, 61)], [.. Enumerable.Range(0, 60).Select(row => row * 7 % 500)], [.. Enumerable.Repeat(1f, 60)]), [.. Enumerable.Range(0, 60).Select(row => row % 2f)]);
        var scores = new float[60];
        Fit(preset, Head.Binary, 1, sparse, epochs: 3).Network.Score(sparse.SparseFeatures!, scores);
        Assert.All(scores, score => Assert.True(float.IsFinite(score)));
    }

    /// <summary>Trains by a preset, but for fewer epochs and members than it would.</summary>
    private static TrainingResult<float> Fit(string preset, Head head, int outputs, Examples<float> table, int epochs = 40, int members = 2)
        => Trainer.Fit(head, outputs, facts =>
        {
            var options = Preset.Parse(preset).Options(facts);
            options = options with
            {
                Epochs = Math.Min(epochs, options.Epochs),
                Members = Math.Min(members, options.Members),
                Engine = Catalogue.Engine(1, null),
            };
            return (options.ModelFor(facts.Head, facts.Features, facts.Outputs), options);
        }, table);

    private static float[] AssertFinite(TrainingResult<float> result, Examples<float> table)
    {
        var scores = new float[table.Rows * result.Network.Model.Outputs];
        result.Network.Score(table.Features, scores);
        Assert.All(scores, score => Assert.True(float.IsFinite(score), $"a score is {score}"));
        return scores;
    }

    private static double Accuracy(TrainingResult<float> result, Examples<float> table)
        => AssertFinite(result, table).Zip(table.Targets, (score, target) => score > 0 == target > 0).Count(right => right) / (double)table.Rows;

    private static double R2(float[] scores, Examples<float> table)
    {
        var mean = table.Targets.Average(target => (double)target);
        return 1 - scores.Zip(table.Targets, (score, target) => Math.Pow((double)score - target, 2))
            .Sum() / table.Targets.Sum(target => Math.Pow(target - mean, 2));
    }

    /// <summary>A count of that rate: arrivals until the product of uniform numbers falls below e^−rate (Knuth), or of many nearly a normal number.</summary>
    private static float Count(double rate, TorchRandom random)
    {
        const double Many = 500;
        var number = new double[1];
        if (rate > Many)
        {
            random.FillNormal<double>(number, rate, Math.Sqrt(rate));
            return (float)Math.Round(number[0]);
        }

        for (var (count, product) = (0, 1.0); ; count++)
        {
            random.FillUniform<double>(number, 0, 1);
            product *= number[0];
            if (product < Math.Exp(-rate))
            {
                return count;
            }
        }
    }

    /// <summary>Normal features, which a function may change before it tells the label.</summary>
    private static Examples<float> Table(int rows, int columns, Func<int, float[], TorchRandom, float> label)
    {
        var (random, features, targets) = (new TorchRandom(3), new float[rows * columns], new float[rows]);
        for (var row = 0; row < rows; row++)
        {
            var x = new float[columns];
            random.FillNormal<float>(x, 0, 1);
            targets[row] = label(row, x, random);
            x.CopyTo(features, row * columns);
        }

        return new(rows, features, targets);
    }
}
