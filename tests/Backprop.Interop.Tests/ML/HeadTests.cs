using Backprop.ML;
using Backprop.Models;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>A task's own options: losses, class weights, levels, thresholds.</summary>
public class HeadTests
{
    public static TheoryData<string, TrainerTask> Heads => new()
    {
        { "multiclass(smoothing=0.1)", TrainerTask.ManyClasses },
        { "multiclass(weights=1 2 3)", TrainerTask.ManyClasses },
        { "regression(huber(1))", TrainerTask.OneNumber },
        { "regression(absoluteerror)", TrainerTask.SeveralNumbers },
        { "poisson", TrainerTask.OneNumber },
        { "poisson", TrainerTask.SeveralNumbers },
        { "quantile(0.1,0.5,0.9)", TrainerTask.Intervals },
    };

    [Theory, MemberData(nameof(Heads))]
    public void OptionsOfTheHeadReachTheNetwork(string text, TrainerTask task)
    {
        var head = Head.Parse(text);
        var rows = Row.Many(60).Select(row => { row.Amounts = [.. row.Amounts.Select(Math.Abs)]; return row; });
        var model = TrainerTask.ModelOf(task.Fit(new MLContext(), rows, o => (o.Head, o.NumberOfIterations) = (head, 1)));
        Assert.Equal(head, Assert.Single(model.Network.Model.HeadOutputs).Head);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AnotherTasksHeadIsRefusedInWords(TrainerTask task)
    {
        var wrong = task.Classifies ? Head.Regression : (Head)Head.Binary;
        var error = Assert.Throws<ArgumentException>(() => task.Pipeline(new MLContext(), o => o.Head = wrong));
        Assert.StartsWith($"Head is {wrong}, but this trainer takes ", error.Message);
    }

    [Theory, InlineData("poisson"), InlineData("binarycrossentropy"), InlineData("weightedbinarycrossentropy(2)"), InlineData("softmargin")]
    public void ALossOfCountsOrClassesIsNoRegressions(string loss)
    {
        foreach (var task in new[] { TrainerTask.OneNumber, TrainerTask.SeveralNumbers })
        {
            var error = Assert.Throws<ArgumentException>(() => task.Pipeline(new MLContext(), o => o.Head = Head.Parse($"regression({loss})")));
            Assert.Contains("not one of real numbers", error.Message);
        }
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void LabelsAboveWhatAnIntegerHoldsAreLearnedFrom(TrainerTask task)
    {
        var rows = Row.Many(100);
        rows.ForEach(row => (row.Amount, row.Amounts) = (4e9f + 1e9f * row.Features[0], [4e9f + 1e9f * row.Features[0], 1e12f * row.Features[1]]));
        var context = new MLContext();
        var quality = task.Quality(context, task.Fit(context, rows).Transform(context.Data.LoadFromEnumerable(rows)));
        Assert.True(quality > 0.9, $"{task}: {quality}");
    }

    [Fact]
    public void TheLearningRateIsAlsoLbfgssOwn()
    {
        string HashOf(Action<MultilayerPerceptronOptions> change) => TrainerTask.ModelOf(TrainerTask.OneNumber.Fit(new MLContext(), Row.Many(100), o =>
        {
            (o.Lbfgs, o.LearningRate, o.NumberOfIterations) = (new(), null, 3);
            change(o);
        })).WeightHash;

        Assert.Equal(HashOf(o => o.Lbfgs = new() { LearningRate = 0.3 }), HashOf(o => o.LearningRate = 0.3));
        Assert.NotEqual(HashOf(_ => { }), HashOf(o => o.LearningRate = 0.3));
    }

    [Fact]
    public void ProbabilitiesAreNoKeys()
    {
        var error = Assert.Throws<ArgumentException>(
            () => TrainerTask.ManyClasses.Pipeline(new MLContext(), o => o.Head = Head.Multiclass with { ProbabilityTargets = true }));
        Assert.Contains("one class, not a probability", error.Message);
    }

    [Theory, InlineData(0.5), InlineData(0.2), InlineData(0.9)]
    public void AThresholdDecidesThePredictedLabelHereInAnEngineAndAfterLoading(double threshold)
    {
        var context = new MLContext();
        var model = TrainerTask.TwoClasses.Fit(context, Row.Many(200), o => (o.Threshold, o.NumberOfIterations) = (threshold, 5));
        var data = context.Data.LoadFromEnumerable(Row.Many(100, seed: 9));
        var lines = Scores.Of(model.Transform(data));
        var expected = model.Transform(data).GetColumn<float>("Probability").Select(p => p > threshold);
        Assert.Equal(expected, model.Transform(data).GetColumn<bool>("PredictedLabel"));

        using var file = new MemoryStream();
        context.Model.Save(model, data.Schema, file);
        var loaded = context.Model.Load(file, out _);
        Assert.Equal(lines, Scores.Of(loaded.Transform(data)));
        Assert.Equal(
            TrainerTask.TwoClasses.Predict(context, model, Row.Many(100, seed: 9)),
            TrainerTask.TwoClasses.Predict(context, loaded, Row.Many(100, seed: 9)));
    }

    [Fact]
    public void ChangeModelThresholdKeepsTheModelAndRefusesWhatIsNoProbability()
    {
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable(Row.Many(100));
        var model = context.BinaryClassification.Trainers.MultilayerPerceptron(nameof(Row.IsAbove), hiddenUnits: [4], numberOfIterations: 30,
            learningRate: 0.01).Fit(data);
        var changed = context.BinaryClassification.ChangeModelThreshold(model, 0.8);
        Assert.Equal((0.5, 0.8), (model.Threshold, changed.Threshold));
        Assert.Same(model.Model, changed.Model);
        Assert.True(
            changed.Transform(data).GetColumn<bool>("PredictedLabel").Count(x => x) < model.Transform(data).GetColumn<bool>("PredictedLabel").Count(x => x),
            "a higher threshold finds no fewer rows");
        foreach (var wrong in new[] { 0, 1, double.NaN, 70 })
        {
            Assert.Contains(
                "not between 0 and 1", Assert.Throws<ArgumentException>(() => context.BinaryClassification.ChangeModelThreshold(model, wrong)).Message);
            Assert.Contains(
                "not between 0 and 1", Assert.Throws<ArgumentException>(() => TrainerTask.TwoClasses.Pipeline(context, o => o.Threshold = wrong)).Message);
        }
    }

    [Theory, InlineData("quantile(0.5)"), InlineData("quantile(0.5,0.5)")]
    public void AnIntervalNeedsTwoLevels(string head)
    {
        var error = Assert.Throws<ArgumentException>(() => TrainerTask.Intervals.Pipeline(new MLContext(), o => o.Head = Head.Parse(head)));
        Assert.Contains("two levels or more", error.Message);
    }

    [Fact]
    public void AnIntervalCoversWhatItsLevelsPromise()
    {
        // Noise uniform in 0 to 1 around a line: the true quantiles of any level are known.
        var random = new Random(3);
        List<Row> Noisy(int count) => [.. Row.Many(count, random.Next()).Select(row =>
        {
            row.Amount = 10 * row.Features[0] + random.NextSingle();
            return row;
        })];
        var context = new MLContext();
        var trainer = context.Regression.Trainers.MultilayerPerceptronQuantile(new MultilayerPerceptronOptions
        {
            Preset = Preset.Plain,
            LabelColumnName = nameof(Row.Amount),
            Head = Head.Quantile(0.9, 0.1, 0.5),
            HiddenUnits = [16],
            NumberOfIterations = 60,
            LearningRate = 0.01,
        });
        var scored = trainer.Fit(context.Data.LoadFromEnumerable(Noisy(4000))).Transform(context.Data.LoadFromEnumerable(Noisy(4000)));
        var metrics = context.Regression.EvaluateQuantiles(scored, nameof(Row.Amount));

        Assert.Equal([0.9, 0.1, 0.5], metrics.Quantiles.Select(quantile => quantile.Level));
        Assert.Equal(0.8, metrics.ExpectedCoverage, 12);
        // The standard deviation of a share of 4,000 rows is 0.008 at most; the network is off by some more.
        Assert.Equal(0.8, metrics.IntervalCoverage, 0.05);
        Assert.All(metrics.Quantiles, quantile => Assert.Equal(quantile.Level, quantile.Coverage, 0.05));
        Assert.Equal(0.8, metrics.MeanIntervalWidth, 0.1);
        // The least pinball loss of uniform noise is level · (1 − level) / 2.
        Assert.All(metrics.Quantiles, quantile => Assert.Equal(quantile.Level * (1 - quantile.Level) / 2, quantile.PinballLoss, 0.01));

        var intervals = scored.GetColumn<float[]>("Interval").ToList();
        var quantiles = scored.GetColumn<float[]>("Quantiles").ToList();
        Assert.All(intervals.Zip(quantiles), row => Assert.Equal([row.Second.Min(), row.Second.Max()], row.First));
        Assert.All(quantiles, q => Assert.True(q[1] <= q[2] && q[2] <= q[0], string.Join(' ', q)));
        Assert.Equal(quantiles.Select(q => q[2]), scored.GetColumn<float>("Score"));
    }

    [Fact]
    public void SeveralOutputsHaveTheLabelsNamesAndTheMetricsOfEachAlone()
    {
        var context = new MLContext();
        var data = context.Transforms.Concatenate("Both", nameof(Row.Amount), nameof(Row.Weight)).Fit(context.Data.LoadFromEnumerable(Row.Many(200)))
            .Transform(context.Data.LoadFromEnumerable(Row.Many(200).Select(row => { row.Weight = row.Features[2]; return row; })));
        var scored = context.Regression.Trainers.MultilayerPerceptronMultiOutput("Both", hiddenUnits: [8], numberOfIterations: 5).Fit(data).Transform(data);
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Score"].GetSlotNames(ref names);
        Assert.Equal([nameof(Row.Amount), nameof(Row.Weight)], names.DenseValues().Select(name => name.ToString()));

        var metrics = context.Regression.EvaluateMultiOutput(scored, "Both");
        Assert.Equal([nameof(Row.Amount), nameof(Row.Weight)], metrics.Outputs.Select(output => output.Name));
        for (var i = 0; i < 2; i++)
        {
            // ML.NET's evaluator, of one label alone.
            var output = i;
            var alone = context.Data.LoadFromEnumerable(scored.GetColumn<float[]>("Both").Zip(scored.GetColumn<float[]>("Score"))
                .Select(row => new OneOutput { Label = row.First[output], Score = row.Second[output] }));
            var expected = context.Regression.Evaluate(alone);
            Assert.Equal(expected.MeanAbsoluteError, metrics.Outputs[i].MeanAbsoluteError, 1e-9 * expected.MeanAbsoluteError);
            Assert.Equal(expected.MeanSquaredError, metrics.Outputs[i].MeanSquaredError, 1e-9 * expected.MeanSquaredError);
            Assert.Equal(expected.RootMeanSquaredError, metrics.Outputs[i].RootMeanSquaredError, 1e-9 * expected.RootMeanSquaredError);
            // ML.NET takes the labels' variance from a sum of squares less a square of the sum, which cancels.
            Assert.Equal(expected.RSquared, metrics.Outputs[i].RSquared, 1e-6);
        }
    }

    [Fact]
    public void EvaluatorsSayWhatIsWrongWithAColumn()
    {
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable(Row.Many(20));
        void Refused(string words, Action evaluate) => Assert.Contains(words, Assert.Throws<ArgumentException>(evaluate).Message);
        Refused("There is no label column 'Label'", () => context.Regression.EvaluateMultiOutput(data));
        Refused("holds Single, not a Single vector", () => context.Regression.EvaluateMultiOutput(data, nameof(Row.Amount)));
        Refused("has 2 numbers but score column 'Features' has 4", () => context.Regression.EvaluateMultiOutput(data, nameof(Row.Amounts), nameof(Row.Features)));
        Refused("is no level", () => context.Regression.EvaluateQuantiles(data, nameof(Row.Amount), nameof(Row.Features)));
    }

    private sealed class OneOutput
    {
        public float Label { get; set; }

        public float Score { get; set; }
    }
}
