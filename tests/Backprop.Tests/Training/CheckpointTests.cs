using System.Globalization;
using System.Numerics;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Tests.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>A run that is stopped and resumed gives the bits of one that never was.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backprop").FullName;

    public static TheoryData<string> Optimizers => [.. Enumerable.Range(0, Optimizer.All.Count).Select(i => $"{i}")];

    public static TheoryData<string> Schedules => [.. Schedule.All.Select(schedule => schedule.Name)];

    private string FilePath => Path.Combine(folder, "run.checkpoint");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void EveryNetworkResumesFromEveryUpdate(string name) => ResumesFromEveryState<float>(Networks.All[name], Options);

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void EveryOptimizerResumes(string index)
        => ResumesFromEveryState<double>(Networks.All["activations"], Options with { Optimizer = Optimizer.All[int.Parse(index)] });

    [Theory]
    [MemberData(nameof(Schedules))]
    public void EveryScheduleResumes(string name)
        => ResumesFromEveryState<float>(Networks.All["scale"], Options with { Schedule = Schedule.Parse(name) with { ByUpdate = name != "plateau" } });

    [Fact]
    public void AveragesSummedBatchesBoundsAndGroupsResume() => ResumesFromEveryState<float>(Networks.All["dropout"], Options with
    {
        Updates = new() { AverageDecay = 0.9, AccumulatedBatches = 2, ClipNorm = 0.5, Groups = [new("*.bias") { LearningRateFactor = 0.1 }] },
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LbfgsResumesFromEveryEpoch(bool strongWolfe)
        => ResumesFromEveryState<double>(Networks.All["residual"], Options with { Lbfgs = new() { StrongWolfe = strongWolfe, History = 3, Iterations = 4 } });

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void SeveralMembersResume(int threads)
        => ResumesFromEveryState<float>(Networks.All["dropout"], Options with { Members = 3 }, threads);

    [Fact]
    public void SparseTablesResume()
    {
        var mlp = Mlp.Parse("40-9-3", Activation.Of(new Tanh()), Head.Multiclass);
        ResumesFromEveryState(mlp, Options, SparseTables.Of<float>(mlp, 60, perRow: 3).Sparse);
    }

    [Theory]
    [MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void TrainingContinuedFromANetworkResumes(string name)
    {
        var table = Networks.Table(Networks.All[name], 90).To<float>();
        var start = Trainer.Fit(Networks.All[name], table, Options).Network;
        ResumesFromEveryState(Options with { Seed = 2 }, options => Trainer.Fit(start, table, options));
    }

    [Fact]
    public void RunsFromOtherWeightsAreOtherRuns()
    {
        var (model, table) = (Networks.All["linear"], Networks.Table(Networks.All["linear"], 90).To<float>());
        var options = Options with { Checkpoint = new(FilePath) };
        var (first, second) = (Trainer.Fit(model, table, Options).Network, Trainer.Fit(model, table, Options with { Seed = 2 }).Network);
        var continued = Trainer.Fit(first, table, options);
        var drawn = new Network<float>(Initializers.Default<float>(model, options.Seed));
        Action[] others = [() => Trainer.Fit(second, table, options), () => Trainer.Fit(model, table, options)];
        Assert.All(others, other => Assert.Throws<InvalidDataException>(other));
        Assert.Equal(continued.WeightHash, Trainer.Fit(first, table, options).WeightHash);

        // From the very weights that a new run would draw it is another run too: dropout's masks, for one, begin elsewhere.
        File.Delete(FilePath);
        Trainer.Fit(drawn, table, options);
        Assert.Throws<InvalidDataException>(() => Trainer.Fit(model, table, options));
    }

    [Fact]
    public void OtherThreadsAndWidthsGoOnWithTheSameBits()
    {
        var (model, table) = (Networks.All["batchNorm"], Networks.Table(Networks.All["batchNorm"], 90).To<float>());
        var whole = Trainer.Fit(model, table, Options with { Epochs = 6 });
        Trainer.Fit(model, table, Options with { Epochs = 3, Checkpoint = new(FilePath), Engine = Catalogue.Engine(1, 512) });
        var resumed = Trainer.Fit(model, table, Options with { Epochs = 6, Checkpoint = new(FilePath), Engine = Catalogue.Engine(3, 128) });
        Assert.Equal(whole.WeightHash, resumed.WeightHash);
    }

    [Fact]
    public void ACancelledRunSavesWhereItStopped()
    {
        var (model, table) = (Networks.All["dropout"], Networks.Table(Networks.All["dropout"], 90).To<float>());
        var whole = Trainer.Fit(model, table, Options);
        using var source = new CancellationTokenSource();
        var checkpoint = new CheckpointOptions(FilePath) { EveryEpochs = null };
        var options = Options with { Checkpoint = checkpoint, Progress = _ => source.Cancel() };
        Assert.Throws<OperationCanceledException>(() => Trainer.Fit(model, table, options, cancellation: source.Token));
        var epochs = new List<int>();
        var resumed = Trainer.Fit(model, table, Options with { Checkpoint = checkpoint, Progress = report => epochs.Add(report.Epoch) });
        Assert.Equal([2, 3, 4], epochs);
        Assert.Equal(whole.WeightHash, resumed.WeightHash);
        Assert.Equal(whole.History.Select(report => report.ValidationLoss), resumed.History.Select(report => report.ValidationLoss));
    }

    [Fact]
    public void AFinishedRunGivesItsResultAgain()
    {
        var (model, table) = (Networks.All["linear"], Networks.Table(Networks.All["linear"], 90).To<float>());
        var options = Options with { Checkpoint = new(FilePath) };
        var first = Trainer.Fit(model, table, options);
        var reports = 0;
        var again = Trainer.Fit(model, table, options with { Progress = _ => reports++ });
        Assert.Equal((first.WeightHash, first.BestEpoch, 0), (again.WeightHash, again.BestEpoch, reports));
        Assert.Equal(first.History, again.History);
    }

    [Fact]
    public void ACheckpointOfAnotherRunIsRefused()
    {
        var (model, table) = (Networks.All["linear"], Networks.Table(Networks.All["linear"], 90).To<float>());
        var options = Options with { Checkpoint = new(FilePath) };
        Trainer.Fit(model, table, options);
        var saved = File.ReadAllBytes(FilePath);
        Action[] others =
        [
            () => Trainer.Fit(model, Networks.Table(model, 91).To<float>(), options),
            () => Trainer.Fit(model, table.To<double>(), options),
            () => Trainer.Fit(Networks.All["dropout"], table, options),
            () => Trainer.Fit(model, table, options with { BatchSize = 15 }),
            () => Trainer.Fit(model, table, options with { Optimizer = new Adam { Beta1 = 0.8 } }),
            () => Trainer.Fit(model, table, options with { Updates = new() { Groups = [new("0.*") { Frozen = true }] } }),
            () => Trainer.Fit(model, table, options with { Schedule = new CosineRate() }),
            () => Trainer.Fit(model, table, options with { Seed = 2 }),
            () => Trainer.Fit(model, table, options with { ValidationFraction = 0.3 }),
        ];
        Assert.All(others, other => Assert.Contains("other data, another network or other options", Assert.Throws<InvalidDataException>(other).Message));
        Assert.Equal(saved, File.ReadAllBytes(FilePath));
    }

    [Fact]
    public void WhatNoDescriptionShowsTellsRunsApart()
    {
        static Model Residual(Activation f, double momentum)
        {
            var h = Signal.Features(7).Linear(9).Through(new BatchNorm { Momentum = momentum });
            return Model.Of((h + h.Linear(9).Apply(f)).Linear(3), Head.Multiclass);
        }

        var (model, options) = (Residual(Activation.Of(new Tanh()), 0.1), Options with { Epochs = 1, Checkpoint = new(FilePath) });
        var table = Networks.Table(Networks.All["linear"], 90).To<float>();
        void RefusedAfter(TrainingOptions first, Model other, TrainingOptions second)
        {
            File.Delete(FilePath);
            Trainer.Fit(model, table, first);
            Assert.Throws<InvalidDataException>(() => Trainer.Fit(other, table, second));
        }

        RefusedAfter(options, Residual(Activation.Of(new Silu()), 0.1), options);
        RefusedAfter(options, Residual(Activation.Of(new Tanh()), 0.2), options);
        RefusedAfter(options, model, options with { InitialWeights = new XavierUniform() });
        var milestones = options with { Schedule = new MultiStepRate { Milestones = [1] } };
        RefusedAfter(milestones, model, options with { Schedule = new MultiStepRate { Milestones = [2] } });
        var parts = options with { Schedule = new SequentialRate { Parts = [new LinearRate(), new StepRate { Every = 2 }] } };
        RefusedAfter(parts, model, options with { Schedule = new SequentialRate { Parts = [new LinearRate(), new StepRate { Every = 3 }] } });
    }

    [Fact]
    public void BoundsMayBeInfiniteAndNumbersWrittenInAnyCulture()
    {
        var (model, table) = (Networks.All["linear"], Networks.Table(Networks.All["linear"], 40).To<float>());
        var unbounded = Options with { Epochs = 1, Checkpoint = new(FilePath), Updates = new() { ClipNorm = double.PositiveInfinity } };
        var lbfgs = Options with { Epochs = 1, Checkpoint = new(FilePath), Lbfgs = new() { LearningRate = 0.5 } };
        var culture = CultureInfo.CurrentCulture;
        foreach (var options in new[] { unbounded, lbfgs })
        {
            File.Delete(FilePath);
            var first = Trainer.Fit(model, table, options);
            try
            {
                CultureInfo.CurrentCulture = new("") { NumberFormat = { NumberDecimalSeparator = "," } };
                Assert.Equal(first.WeightHash, Trainer.Fit(model, table, options).WeightHash);
            }
            finally
            {
                CultureInfo.CurrentCulture = culture;
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AnEpochOfOneUpdateIsSavedAsOftenAsAsked(bool lbfgs)
    {
        var (model, table, saves) = (Networks.All["linear"], Networks.Table(Networks.All["linear"], 40).To<float>(), 0);
        var every2 = new CheckpointOptions(FilePath) { EveryEpochs = null, EveryUpdates = 2, Saved = () => saves++ };
        Trainer.Fit(model, table, Options with { Epochs = 9, BatchSize = 64, Lbfgs = lbfgs ? new() { Iterations = 1 } : null, Checkpoint = every2 });
        Assert.Equal(5, saves);
    }

    [Fact]
    public void ADamagedCheckpointIsRefused()
    {
        var (model, table) = (Networks.All["scale"], Networks.Table(Networks.All["scale"], 40).To<float>());
        var options = Options with { Epochs = 2, Checkpoint = new(FilePath) };
        Trainer.Fit(model, table, options);
        var whole = File.ReadAllBytes(FilePath);
        void Refused(byte[] bytes)
        {
            File.WriteAllBytes(FilePath, bytes);
            Assert.Contains(FilePath, Assert.Throws<InvalidDataException>(() => Trainer.Fit(model, table, options)).Message);
        }

        for (var length = 0; length < whole.Length; length += Math.Max(1, whole.Length / 23))
        {
            Refused(whole[..length]);
        }

        for (var at = 0; at < whole.Length; at += Math.Max(1, whole.Length / 37))
        {
            var flipped = (byte[])whole.Clone();
            flipped[at] ^= 0x10;
            Refused(flipped);
        }

        Refused([.. whole, 0]);
    }

    [Fact]
    public void WrongOptionsAreRefusedBeforeTraining()
    {
        var table = Networks.Table(Networks.All["linear"], 30).To<float>();
        string Error(CheckpointOptions checkpoint)
            => Assert.Throws<ArgumentException>(() => Trainer.Fit(Networks.All["linear"], table, Options with { Checkpoint = checkpoint })).Message;
        Assert.StartsWith("EveryEpochs is 0, not 1 or more.", Error(new(FilePath) { EveryEpochs = 0 }));
        Assert.StartsWith("EveryUpdates is -1, not 1 or more.", Error(new(FilePath) { EveryUpdates = -1 }));
        Assert.StartsWith("Every is 00:00:00, not longer than 0.", Error(new(FilePath) { Every = TimeSpan.Zero }));
        Assert.StartsWith($"There is no folder '{Path.Combine(folder, "nowhere")}' for the checkpoint. Create it, or choose another.",
            Error(new(Path.Combine(folder, "nowhere", "run.checkpoint"))));
        Assert.False(File.Exists(FilePath));
    }

    private static TrainingOptions Options => new() { Epochs = 4, BatchSize = 16, ValidationFraction = 0.2, Engine = Catalogue.Engine(1, null) };

    /// <summary>Saves as the options say, which is one member after the other, and goes on with that many threads.</summary>
    private void ResumesFromEveryState<T>(Model model, TrainingOptions options, int threads) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var table = Networks.Table(model, 90).To<T>();
        ResumesFromEveryState(options, saving => Trainer.Fit(
            model, table, saving.Checkpoint is { Saved: null } ? saving with { Engine = saving.Engine with { Threads = threads } } : saving));
    }

    private void ResumesFromEveryState<T>(Model model, TrainingOptions options) where T : unmanaged, IFloatingPointIeee754<T>
        => ResumesFromEveryState(model, options, Networks.Table(model, 90).To<T>());

    /// <summary>Keeps a copy of every state that a run saves, and goes on from each: as after a kill at any time.</summary>
    private void ResumesFromEveryState<T>(Model model, TrainingOptions options, Examples<T> table) where T : unmanaged, IFloatingPointIeee754<T>
        => ResumesFromEveryState(options, options => Trainer.Fit(model, table, options));

    private void ResumesFromEveryState<T>(TrainingOptions options, Func<TrainingOptions, TrainingResult<T>> fit) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var whole = fit(options);
        var states = new List<byte[]>();
        var saving = new CheckpointOptions(FilePath) { EveryUpdates = 1, Saved = () => states.Add(File.ReadAllBytes(FilePath)) };
        Assert.Equal(whole.WeightHash, fit(options with { Checkpoint = saving }).WeightHash);
        Assert.True(states.Count >= options.Epochs, $"{states.Count} states");
        // A third of them, and the last: with 16 rows of 72 a batch, at every position in an epoch.
        foreach (var state in states.Where((_, i) => i % 3 == 1 || i == states.Count - 1))
        {
            File.WriteAllBytes(FilePath, state);
            var resumed = fit(options with { Checkpoint = new(FilePath) });
            Assert.Equal(whole.WeightHash, resumed.WeightHash);
            Assert.Equal(whole.BestEpoch, resumed.BestEpoch);
            Assert.Equal(whole.History.Select(Numbers), resumed.History.Select(Numbers));
        }
    }

    /// <summary>All that is not a time.</summary>
    private static EpochReport Numbers(EpochReport report) => report with { RowsPerSecond = 0, Elapsed = default };
}
