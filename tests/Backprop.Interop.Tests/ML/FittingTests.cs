using Backprop.Formulas;
using Backprop.ML;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Backprop.Interop.Tests.ML;

/// <summary>The trainers do what ML.NET's own do in a pipeline.</summary>
public class FittingTests
{
    // The labels follow from the features without noise, so a network that learns at all passes this by far and one that does not fails by far.
    private const double Learned = 0.9;

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AppendFitAndEvaluateWork(TrainerTask task)
    {
        var context = new MLContext();
        var model = task.Fit(context, Row.Many(600));
        var quality = task.Quality(context, model.Transform(context.Data.LoadFromEnumerable(Row.Many(300, seed: 8))));
        Assert.True(quality > Learned, $"{task}: {quality} on unseen rows, {Learned} expected");
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void CrossValidationWorks(TrainerTask task)
    {
        var context = new MLContext(seed: 1);
        var folds = task.CrossValidate(context, context.Data.LoadFromEnumerable(Row.Many(600)), task.Pipeline(context)).ToList();
        Assert.Equal(3, folds.Count);
        Assert.All(folds, fold => Assert.True(fold.Quality > Learned, $"{task}: {fold.Quality} on a fold, {Learned} expected"));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void PermutationFeatureImportanceSeesWhichFeatureMatters(TrainerTask task)
    {
        var context = new MLContext(seed: 1);
        var rows = Row.Many(600);
        foreach (var row in rows)
        {
            (row.Features[2], row.Features[3]) = (0, 0);
        }

        var importance = task.Importance(context, task.Fit(context, rows), Row.LoadWithSlotNames(context, rows));
        Assert.True(importance["x0"] > 0.05, $"{task}: importance of the feature the label depends on most is {importance["x0"]}");
        Assert.False(importance.TryGetValue("x3", out var useless) && useless != 0, $"{task}: importance of a constant feature is {useless}");
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void GivenValidationDataChoosesTheEpoch(TrainerTask task)
    {
        var context = new MLContext();
        var model = task.Fit(
            context, context.Data.LoadFromEnumerable(Row.Many(600)), context.Data.LoadFromEnumerable(Row.Many(100, seed: 8)));
        var best = model.History.MinBy(epoch => epoch.ValidationLoss)!;
        Assert.Equal(best.Epoch, model.BestEpoch);
        Assert.All(model.History, epoch => Assert.True(double.IsFinite(epoch.ValidationLoss), $"{task}: epoch {epoch.Epoch} has no validation loss"));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void TheSeedAloneDecidesTheWeights(TrainerTask task)
    {
        var rows = Row.Many(200);
        string HashOf(MLContext context, long seed)
            => TrainerTask.ModelOf(task.Fit(context, rows, o => (o.Seed, o.NumberOfIterations) = (seed, 3))).WeightHash;

        var hash = HashOf(new MLContext(seed: 1), 5);
        var context = new MLContext(seed: 2);
        Assert.Equal(hash, HashOf(context, 5));
        Assert.Equal(hash, HashOf(context, 5));
        Assert.NotEqual(hash, HashOf(context, 6));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void ThreadsAndVectorWidthDoNotChangeABit(TrainerTask task)
    {
        var rows = Row.Many(200);
        string HashOf(int threads, int? bits) => TrainerTask.ModelOf(task.Fit(
            new MLContext(), rows, o => (o.NumberOfThreads, o.VectorBits, o.NumberOfIterations) = (threads, bits, 3))).WeightHash;

        Assert.Equal(HashOf(1, null), HashOf(2, 0));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void OptionsReachTheEngine(TrainerTask task)
    {
        var reports = new List<EpochReport>();
        var model = TrainerTask.ModelOf(task.Fit(new MLContext(), Row.Many(200), options =>
        {
            options.HiddenUnits = [5, 3];
            options.Activation = Activation.Parse("tanh");
            options.NumberOfIterations = 4;
            options.ValidationFraction = 0.25;
            options.Progress = reports.Add;
        }));
        Assert.Equal([Row.FeatureCount, 5, 3], model.Network.Model.ToMlp().Sizes.SkipLast(1));
        Assert.Equal("tanh", model.Network.Model.ToMlp().Activation.Name);
        Assert.Equal([1, 2, 3, 4], reports.Select(report => report.Epoch));
        Assert.Equal(reports, model.History);
        Assert.Equal(model.Network.CopyWeights().Hash(), model.WeightHash);
    }

    [Fact]
    public void OptionsThatAreNotGivenAreThePresetsAndOfThePlainOneTheEngines()
    {
        var facts = new TableFacts(Models.Head.Multiclass, 3, 5000, 20);
        foreach (var preset in Preset.All)
        {
            var chosen = preset.Options(facts);
            AssertKept(chosen);
            AssertKept(preset.With("other", options => options with { Updates = options.Updates with { AverageDecay = 0.9 }, Patience = 3 }).Options(facts));
            AssertKept(preset.With("own", options => options with { Layers = x => x, Lbfgs = new(), Schedule = null, Dropout = 0 }).Options(facts));
            AssertKept(preset.With("run", options => options with
            {
                Seed = 7,
                ValidationFraction = 0,
                SparseUpdate = Planning.SparseUpdate.Lazy,
                Engine = new() { Threads = 1 },
                Progress = _ => { },
                StopWhen = _ => true,
                ReturnBestWhenCancelled = true,
            }).Options(facts));
        }

        var usual = new TrainingOptions();
        Assert.Equal(usual, Preset.Plain.Options(facts) with { Hidden = usual.Hidden });
        Assert.Same(Preset.Default, new MultilayerPerceptronOptions().PresetInUse);
        Assert.Same(Preset.Plain, new MultilayerPerceptronOptions { Layers = x => x }.PresetInUse);
        Assert.Same(Preset.Plain, new MultilayerPerceptronOptions { Lbfgs = new() }.PresetInUse);

        // Lists of groups are equal as lists.
        static void AssertKept(TrainingOptions chosen)
        {
            var over = new MultilayerPerceptronOptions().Over(chosen);
            Assert.Same(chosen.Updates.Groups, over.Updates.Groups);
            Assert.Equal(chosen, over);
        }
    }

    [Fact]
    public void OptionsThatAreGivenPrevailOverAPreset()
    {
        var chosen = Preset.Default.Options(new(Models.Head.Binary, 1, 500, 20));
        TrainingOptions With(Action<MultilayerPerceptronOptions> change)
        {
            var options = new MultilayerPerceptronOptions();
            change(options);
            return options.Over(chosen);
        }

        var all = With(o =>
        {
            (o.HiddenUnits, o.Activation, o.InitialWeights, o.InitialBiases) = ([7], Activation.Parse("tanh"), new Models.Zeros(), new Models.Zeros());
            (o.Optimizer, o.LearningRate, o.Schedule, o.Updates) = (new Sgd(), 0.5, new ConstantRate(), new() { ClipNorm = 2 });
            (o.NumberOfIterations, o.BatchSize, o.Members, o.SharedMembers, o.Patience) = (3, 5, 2, 6, 4);
        });
        Assert.Equal([7], all.Hidden);
        Assert.Equal(("tanh", new Models.Zeros(), new Models.Zeros()), (all.Activation.Name, all.InitialWeights, all.InitialBiases));
        Assert.Equal((new Sgd { LearningRate = 0.5 }, new ConstantRate(), new UpdateOptions { ClipNorm = 2 }), (all.Optimizer, all.Schedule, all.Updates));
        Assert.Equal((3, 5, 2, 6, 4), (all.Epochs, all.BatchSize, all.Members, all.SharedMembers, all.Patience));
        // A preset's are behind its scaling, which own layers replace.
        Assert.Equal(1, new MultilayerPerceptronOptions { Layers = x => x.Linear(2) }.Over(chosen with { SharedMembers = 4 }).SharedMembers);

        // A preset's rates and its groups belong together.
        Assert.Equal(
            (new Adam { LearningRate = 0.01 }, 0), (With(o => o.LearningRate = 0.01).Optimizer, With(o => o.LearningRate = 0.01).Updates.Groups.Count));
        Assert.Equal(0.9, new MultilayerPerceptronOptions { LearningRate = 0.01 }.Over(chosen with { Updates = new() { AverageDecay = 0.9 } }).Updates.AverageDecay);
        var clipped = With(o => o.Updates = new() { ClipNorm = 1 });
        Assert.Equal((chosen.Optimizer, 1, chosen.Updates.Groups.Count), (clipped.Optimizer, clipped.Updates.ClipNorm, clipped.Updates.Groups.Count));
        Assert.Equal(new Adam(), With(o => o.Updates = new() { Groups = [new("*")] }).Optimizer);
        Assert.Null(With(o => o.Lbfgs = new()).Schedule);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void BadOptionsAreRefusedInWords(TrainerTask task)
    {
        void Refused(Action<MultilayerPerceptronOptions> change, string value)
        {
            var error = Assert.ThrowsAny<ArgumentException>(() => task.Fit(new MLContext(), Row.Many(50), change));
            Assert.Contains(value, error.Message);
        }

        Refused(o => o.HiddenUnits = [8, 0], "0");
        Refused(o => o.NumberOfIterations = 0, "0");
        Refused(o => o.BatchSize = -3, "-3");
        Refused(o => o.LearningRate = -0.5, "-0.5");
        Refused(o => o.ValidationFraction = 1, "1");
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void EveryTenthEpochAndTheBestAreLogged(TrainerTask task)
    {
        var lines = LogOf(task, o => (o.NumberOfIterations, o.ValidationFraction) = (20, 0));
        var metric = task.Classifies ? ", accuracy [0-9.]+ %" : task == TrainerTask.OneNumber ? ", root mean squared error [^ ]+" : "";
        Assert.Collection(
            lines,
            line => Assert.Matches($"^Epoch 10: training loss [^ ]+{metric}, best epoch 10, learning rate 0.01, [0-9,]+ rows/s\\.$", line),
            line => Assert.Matches($"^Epoch 20: training loss [^ ]+{metric}, best epoch 20, learning rate 0.01, [0-9,]+ rows/s\\.$", line),
            line => Assert.Equal("Kept epoch 20 of 20, from 200 rows of 4 features.", line));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void WhatAPresetChoseIsLogged(TrainerTask task)
    {
        var lines = LogOf(task, o => (o.Preset, o.NumberOfIterations, o.LearningRate, o.HiddenUnits) = (Preset.Default, 1, null, null));
        Assert.Equal(
            "The default preset, for 200 rows of 4 features, scaled: networks 5, members of each 2, "
                + $"hidden layers 128-128, adamw at {(task.Classifies ? 0.012 : 0.07)}, epochs at most 1, batches of 256.",
            lines[0]);
    }

    private static List<string> LogOf(TrainerTask task, Action<MultilayerPerceptronOptions> change)
    {
        var (context, lines) = (new MLContext(), new List<string>());
        context.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Info && e.Source.StartsWith("MultilayerPerceptron", StringComparison.Ordinal))
            {
                lines.Add(e.RawMessage);
            }
        };
        task.Fit(context, Row.Many(200), change);
        return lines;
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void ACacheInThePipelineChangesNothing(TrainerTask task)
    {
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable(Row.Many(200));
        IEstimator<ITransformer> Pipeline(bool caches)
        {
            var normalised = new EstimatorChain<ITransformer>()
                .Append<ITransformer>(context.Transforms.NormalizeMeanVariance(nameof(Row.Features), fixZero: false));
            return (caches ? normalised.AppendCacheCheckpoint(context) : normalised)
                .Append<ITransformer>(task.Pipeline(context, o => o.NumberOfIterations = 3));
        }

        Assert.Equal(Scores.Of(Pipeline(false).Fit(data).Transform(data)), Scores.Of(Pipeline(true).Fit(data).Transform(data)));
    }

    [Fact]
    public void TheLastTransformerHasTheTrainersOwnModelParameters()
    {
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable(Row.Many(100));
        var trainer = context.Regression.Trainers.MultilayerPerceptron(new MultilayerPerceptronOptions
        {
            Preset = Preset.Plain,
            LabelColumnName = nameof(Row.Amount),
            HiddenUnits = [3],
            NumberOfIterations = 1,
        });
        MultilayerPerceptronRegressionModelParameters model = context.Transforms.NormalizeMinMax(nameof(Row.Features)).Append(trainer)
            .Fit(data).LastTransformer.Model;
        Assert.Equal([4, 3, 1], model.Network.Model.ToMlp().Sizes);
        Assert.Equal((true, false), (trainer.Info.NeedNormalization, trainer.Info.WantCaching));
    }
}
