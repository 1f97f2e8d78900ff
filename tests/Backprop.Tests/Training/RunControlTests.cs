using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Tests.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>A run that is stopped or cancelled gives the best so far, or says so, and can go on; its reports say where it stands.</summary>
public sealed class RunControlTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backprop").FullName;

    private string FilePath => Path.Combine(folder, "run.checkpoint");

    private static TrainingOptions Options => new() { Epochs = 8, BatchSize = 16, ValidationFraction = 0.2, Engine = Catalogue.Engine(1, null) };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void AStoppedRunIsOneOfFewerEpochs(string name)
    {
        var (model, table) = (Networks.All[name], Networks.Table(Networks.All[name], 90).To<float>());
        var calls = new List<string>();
        var stopped = Trainer.Fit(model, table, Options with
        {
            Progress = report => calls.Add($"progress {report.Epoch}"),
            StopWhen = report =>
            {
                calls.Add($"stop {report.Epoch}");
                return report.Epoch == 3;
            },
        });
        Same(Trainer.Fit(model, table, Options with { Epochs = 3 }), stopped);
        Assert.Equal(["progress 1", "stop 1", "progress 2", "stop 2", "progress 3", "stop 3"], calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AStoppedRunIsFinishedAndGoesOnIfNothingStopsIt(bool lbfgs)
    {
        var model = Networks.All["residual"];
        var table = Networks.Table(model, 90);
        var options = Options with { Lbfgs = lbfgs ? new() { Iterations = 2 } : null, Checkpoint = new(FilePath) { EveryEpochs = null } };
        var stopping = options with { StopWhen = report => report.Epoch == 3 };
        var (first, reports) = (Trainer.Fit(model, table, stopping), 0);
        Same(first, Trainer.Fit(model, table, stopping with { Progress = _ => reports++ }));
        Assert.Equal(0, reports);
        Same(Trainer.Fit(model, table, options with { Checkpoint = null }), Trainer.Fit(model, table, options));
    }

    [Fact]
    public void TheBestEpochIsKeptThoughALaterOneStopped()
    {
        // Random labels: validation soon gets worse.
        var table = Catalogue.Table(Catalogue.Network("6", "multiclass", "relu"), 200);
        var options = Options with { Hidden = [64], Epochs = 100, Patience = 100, Optimizer = new Adam { LearningRate = 0.02 } };
        var result = Trainer.Fit(Head.Multiclass, 3, table, options with { StopWhen = report => report.Epoch - report.BestEpoch == 4 });
        Assert.Equal(result.BestEpoch + 4, result.History.Count);
        Assert.Equal(Trainer.Fit(Head.Multiclass, 3, table, options with { Epochs = result.BestEpoch }).WeightHash, result.WeightHash);
    }

    [Theory]
    [MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void ACancelledRunGivesTheBestSoFarIfAsked(string name)
    {
        var (model, table) = (Networks.All[name], Networks.Table(Networks.All[name], 90).To<float>());
        using var source = new CancellationTokenSource();
        var options = Options with
        {
            ReturnBestWhenCancelled = true,
            Progress = report =>
            {
                if (report.Epoch == 3)
                {
                    source.Cancel();
                }
            },
        };
        Same(Trainer.Fit(model, table, Options with { Epochs = 3 }), Trainer.Fit(model, table, options, cancellation: source.Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ACancellationWithinAnEpochSavesAndGivesTheBestOfThoseFinished(bool returnBest)
    {
        var (model, table) = (Networks.All["dropout"], Networks.Table(Networks.All["dropout"], 90).To<float>());
        var (whole, updates) = (Trainer.Fit(model, table, Options), (90 - 18 + 15) / 16);
        for (var at = 1; at < 3 * updates; at++)
        {
            File.Delete(FilePath);
            using var source = new CancellationTokenSource();
            var saves = 0;
            var saving = new CheckpointOptions(FilePath)
            {
                EveryUpdates = 1,
                Saved = () =>
                {
                    if (++saves == at)
                    {
                        source.Cancel();
                    }
                },
            };
            var options = Options with { Checkpoint = saving, ReturnBestWhenCancelled = returnBest };
            TrainingResult<float> Cancelled() => Trainer.Fit(model, table, options, cancellation: source.Token);
            if (returnBest && at >= updates)
            {
                Same(Trainer.Fit(model, table, Options with { Epochs = at / updates }), Cancelled());
            }
            else
            {
                Assert.Throws<OperationCanceledException>(Cancelled);
            }

            // The update that was cancelled after is in the file.
            Same(whole, Trainer.Fit(model, table, options with { Checkpoint = new(FilePath) }));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ACancelledRunDoesNothingTwice(bool returnBest)
    {
        var op = new CancellingOp();
        var model = Model.Of(Signal.Features(7).Linear(9).Apply(op).Linear(1), Head.Binary);
        var table = Networks.Table(model, 90);
        var (whole, runs) = (Trainer.Fit(model, table, Options), op.Runs);
        var options = Options with { Checkpoint = new(FilePath) { EveryEpochs = null }, ReturnBestWhenCancelled = returnBest };
        // The batches of an epoch, and the validation rows.
        var ofAnEpoch = runs / Options.Epochs;
        var twoEpochs = Trainer.Fit(model, table, Options with { Epochs = 2 });
        foreach (var at in new[] { 1, ofAnEpoch - 2, 2 * ofAnEpoch + 1, 3 * ofAnEpoch - 2 })
        {
            File.Delete(FilePath);
            using var source = new CancellationTokenSource();
            TrainingResult<double> Fit() => Trainer.Fit(model, table, options, cancellation: source.Token);
            op.Runs = 0;
            op.Ran = run =>
            {
                if (run == at)
                {
                    source.Cancel();
                }
            };
            if (returnBest && at > ofAnEpoch)
            {
                Same(twoEpochs, Fit());
            }
            else
            {
                Assert.Throws<OperationCanceledException>(Fit);
            }

            Assert.Equal(at, op.Runs);
            Same(whole, Trainer.Fit(model, table, options));
            Assert.Equal(runs, op.Runs);
        }
    }

    [Fact]
    public void LbfgsGivesTheBestSoFarToo()
    {
        var (model, table) = (Networks.All["residual"], Networks.Table(Networks.All["residual"], 90));
        using var source = new CancellationTokenSource();
        var options = Options with { Lbfgs = new() { Iterations = 2 }, ReturnBestWhenCancelled = true };
        var cancelled = Trainer.Fit(model, table, options with { Progress = _ => source.Cancel() }, cancellation: source.Token);
        Same(Trainer.Fit(model, table, options with { Epochs = 1 }), cancelled);
    }

    [Fact]
    public void ARunCancelledBeforeItsFirstEpochEndsThrows()
    {
        var (model, table) = (Networks.All["linear"], Networks.Table(Networks.All["linear"], 90).To<float>());
        Assert.Throws<OperationCanceledException>(
            () => Trainer.Fit(model, table, Options with { ReturnBestWhenCancelled = true }, cancellation: new(canceled: true)));
    }

    [Fact]
    public void ACallbackThatCancelsByItselfIsNoCancellationOfTheRun()
    {
        var (model, table) = (Networks.All["linear"], Networks.Table(Networks.All["linear"], 90).To<float>());
        var options = Options with { ReturnBestWhenCancelled = true, Progress = report => throw new OperationCanceledException($"of epoch {report.Epoch}") };
        Assert.Equal("of epoch 1", Assert.Throws<OperationCanceledException>(() => Trainer.Fit(model, table, options)).Message);
    }

    [Theory]
    [MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void EveryReportNamesTheBestSoFar(string name)
    {
        var (model, table) = (Networks.All[name], Networks.Table(Networks.All[name], 90).To<float>());
        var reports = new List<EpochReport>();
        var result = Trainer.Fit(model, table, Options with { Progress = reports.Add });
        Assert.Equal(reports, result.History);
        foreach (var report in reports)
        {
            var best = reports.Take(report.Epoch).MinBy(earlier => earlier.ValidationLoss)!;
            Assert.Equal((best.Epoch, best.ValidationLoss, best == report), (report.BestEpoch, report.BestLoss, report.Best));
        }

        Assert.Equal(result.BestEpoch, reports[^1].BestEpoch);
        Assert.All(
            Trainer.Fit(model, table, Options with { ValidationFraction = 0 }).History,
            report => Assert.Equal((report.Epoch, report.TrainingLoss), (report.BestEpoch, report.BestLoss)));
    }

    [Theory]
    [InlineData("regression", false, false)]
    [InlineData("regression", true, false)]
    [InlineData("regression", true, true)]
    [InlineData("regression(raw)", true, false)]
    [InlineData("regression(sum)", true, false)]
    public void ARegressionsErrorIsInTheLabelsUnits(string head, bool weighted, bool lbfgs)
    {
        // A loss weight has no part in it.
        var model = Model.Of(new Output(Signal.Features(7).Linear(9).Apply(new Tanh()).Linear(1), Head.Parse(head), LossWeight: 0.5));
        var raw = Networks.Table(model, 90);
        var table = new Examples<double>(90, raw.Features, [.. raw.Targets.Select(target => 5 + 30 * target)], weighted ? raw.Weights : null);
        var options = Options with { BatchSize = 90, ValidationFraction = 0, Epochs = 1, Lbfgs = lbfgs ? new() { Iterations = 2 } : null };
        var first = Trainer.Fit(model, table, options, table);
        var scores = new double[90];
        first.Network.Score(table.Features, scores);
        var (errors, weights) = (0.0, 0.0);
        for (var row = 0; row < 90; row++)
        {
            var weight = table.Weights?[row] ?? 1;
            (errors, weights) = (errors + weight * Math.Pow(scores[row] - table.Targets[row], 2), weights + weight);
        }

        // 90 sums of squares in another order, and labels that were standardised and brought back: some 100 roundings.
        var expected = Math.Sqrt(errors / weights);
        Assert.Equal(expected, first.History[0].ValidationRootMeanSquaredError, expected * 1e-13);
        Assert.Equal(expected, Trainer.Fit(first.Network, table, options).History[0].TrainingRootMeanSquaredError, expected * 1e-13);
    }

    [Theory]
    [InlineData("multiclass", 3)]
    [InlineData("binary", 1)]
    [InlineData("regression", 2)]
    [InlineData("regression(huber(1))", 1)]
    [InlineData("quantile(0.1,0.5,0.9)", 3)]
    [InlineData("gaussian", 2)]
    [InlineData("poisson", 1)]
    public void OtherNetworksHaveNoSuchError(string head, int outputs)
    {
        var model = Mlp.Parse($"6-{outputs}", Activation.Of(new Tanh()), Head.Parse(head));
        var report = Trainer.Fit(model, Catalogue.Table(model, 90), Options with { Epochs = 1 }).History[0];
        Assert.Equal((double.NaN, double.NaN), (report.TrainingRootMeanSquaredError, report.ValidationRootMeanSquaredError));
    }

    /// <summary>Its input, and a call for each batch.</summary>
    private sealed class CancellingOp : CustomOp
    {
        public int Runs { get; set; }

        public Action<int>? Ran { get; set; }

        public override bool ByRow => true;

        public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

        public override Node Bprop(Node node, int input, Node gradient) => gradient;

        public override void Run<T>(Operands<T> inputs, Matrix<T> result)
        {
            for (var row = 0; row < result.Rows; row++)
            {
                for (var column = 0; column < result.Columns; column++)
                {
                    result[row, column] = inputs[0][row, column];
                }
            }

            Runs++;
            Ran?.Invoke(Runs);
        }
    }

    /// <summary>The same weights, and reports that differ in times only.</summary>
    private static void Same<T>(TrainingResult<T> expected, TrainingResult<T> actual) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        static EpochReport Numbers(EpochReport report) => report with { RowsPerSecond = 0, Elapsed = default };
        Assert.Equal((expected.WeightHash, expected.BestEpoch), (actual.WeightHash, actual.BestEpoch));
        Assert.Equal(expected.History.Select(Numbers), actual.History.Select(Numbers));
    }
}
