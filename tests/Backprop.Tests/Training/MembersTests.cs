using Backprop.Formulas;
using Backprop.Models;
using Backprop.Tests.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>Several networks trained together are each what it would be trained alone, and their mean is the result.</summary>
public sealed class MembersTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backprop").FullName;

    public static TheoryData<string> Heads => [.. Head.All.Select(head => $"{head}"), "multiclass(smoothing=0.1)", "regression(huber(1))", "regression(raw)"];

    private static TrainingOptions Options => new()
    {
        Hidden = [8],
        Epochs = 6,
        Patience = 3,
        BatchSize = 16,
        Members = 3,
        Optimizer = new Adam { LearningRate = 0.02 },
        Engine = Catalogue.Engine(1, null),
    };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(Heads))]
    public void WithValidationRowsTheyDifferByTheirSeedsAlone(string head)
    {
        var model = Catalogue.Network("6-9", head, "tanh");
        var (table, held) = (Catalogue.Table(model, 90), Catalogue.Table(model, 40, seed: 8));
        IsMeanOf(Trainer.Fit(model, table, Options, held), [.. Seeds.Select(seed => Trainer.Fit(model, table, Alone(seed), held))]);
    }

    [Theory, MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void EveryNetworkHasMembers(string name)
    {
        var (model, table) = (Networks.All[name], Networks.Table(Networks.All[name], 90).To<float>());
        IsMeanOf(Trainer.Fit(model, table, Options, table), [.. Seeds.Select(seed => Trainer.Fit(model, table, Alone(seed), table))]);
    }

    [Fact]
    public void EachHoldsOutAFoldOfItsOwn()
    {
        var model = Catalogue.Network("6-9", "multiclass", "tanh");
        var table = Catalogue.Table(model, 100);
        var folds = Split.Folds(model, table, 3, Streams.Of(1, Streams.Splits));
        Assert.Equal([0, 1, 2], folds.Distinct().Order());
        IsMeanOf(Trainer.Fit(model, table, Options), [.. Seeds.Select((seed, member) => Trainer.Fit(
            model, Only(table, row => folds[row] != member), Alone(seed), Only(table, row => folds[row] == member)))]);
    }

    [Fact]
    public void EachIsFittedToItsOwnRows()
    {
        var model = Model.Of(Signal.Features(6).RobustScale(name: "numbers").Linear(9, "first").Apply(new Tanh()).Linear(1), Head.Binary);
        var table = Catalogue.Table(Catalogue.Network("6-9", "binary", "tanh"), 100);
        var folds = Split.Folds(model, table, 3, Streams.Of(1, Streams.Splits));
        // Only one member does not see that a value may be missing.
        table.Features[50 * 6 + 2] = float.NaN;
        var network = Trainer.Fit(model, table, Options).Network;
        var weights = network.CopyWeights();
        int[] columns = [.. Enumerable.Range(1, 3).Select(member => weights.Tensors.Single(tensor => tensor.Name == $"member{member}.first.weight").Columns)];
        Assert.Equal(Enumerable.Range(0, 3).Select(member => member == folds[50] ? 6 : 7), columns);
        Assert.False(weights["member1.numbers.center"].SequenceEqual(weights["member2.numbers.center"]));
        var scores = new float[100];
        network.Score(table.Features, scores);
        Assert.All(scores, score => Assert.True(float.IsFinite(score)));
    }

    [Fact]
    public void WithoutAShareTheyLearnFromAllRows()
    {
        var model = Catalogue.Network("6-9", "binary", "tanh");
        var (table, options) = (Catalogue.Table(model, 90), Options with { ValidationFraction = 0 });
        var result = Trainer.Fit(model, table, options);
        IsMeanOf(result, [.. Seeds.Select(seed => Trainer.Fit(model, table, Alone(seed) with { ValidationFraction = 0 }))]);
        Assert.Equal([6, 6, 6], result.BestEpochs);
    }

    [Theory, InlineData("regression"), InlineData("gaussian"), InlineData("quantile(0.1,0.5,0.9)")]
    public void LabelsAreStandardisedAlikeByAllRows(string head)
    {
        var model = Catalogue.Network("6-9", head, "tanh");
        var table = Catalogue.Table(model, 90);
        var units = table.WithTargets([.. table.Targets.Select(target => 1e4f + 300 * target)]);
        var network = Trainer.Fit(model, units, Options).Network;
        var expected = LabelScale<float>.Of(model, units, Catalogue.Rows(90))!;
        Assert.Equal(expected.OutputScale, network.OutputScale);
        Assert.Equal(expected.OutputShift, network.OutputShift);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void ThreadsAndVectorsChangeNoBit(bool streamed)
    {
        var table = Streamed.Classes(streamed ? 2_000 : 300);
        TrainingResult<float> Fit(int threads, int? bits)
        {
            var options = Options with { Members = 5, MemoryCap = streamed ? Streamed.Cap : null, Epochs = 3, Engine = Catalogue.Engine(threads, bits) };
            return streamed ? Streamed.Fit(Streamed.Network, table, options) : Trainer.Fit(Streamed.Network, table, options);
        }

        var expected = Fit(1, null);
        Assert.Equal(5, expected.BestEpochs.Count);
        Assert.Equal(5 * Streamed.Network.Parameters, expected.Network.Model.Parameters);
        foreach (var (threads, bits) in new (int, int?)[] { (2, null), (3, 128), (8, 0) })
        {
            Same(expected, Fit(threads, bits));
        }
    }

    [Fact]
    public void ReportsComeOneAtATimeAndInOrderOfEachMember()
    {
        var (table, reports, inside) = (Streamed.Classes(300), new List<EpochReport>(), 0);
        var result = Trainer.Fit(Streamed.Network, table, Options with
        {
            Engine = Catalogue.Engine(3, null),
            Progress = report =>
            {
                Assert.Equal(1, Interlocked.Increment(ref inside));
                reports.Add(report);
                Interlocked.Decrement(ref inside);
            },
        });
        Assert.Equal(result.History, reports.OrderBy(report => report.Member));
        foreach (var member in reports.GroupBy(report => report.Member))
        {
            Assert.Equal(Enumerable.Range(1, member.Count()), member.Select(report => report.Epoch));
            Assert.Equal(result.BestEpochs[member.Key - 1], member.Last().BestEpoch);
        }

        Assert.Equal(result.BestEpochs[0], result.BestEpoch);
    }

    [Fact]
    public void AnExceptionOfOneEndsAll()
    {
        var options = Options with
        {
            Engine = Catalogue.Engine(3, null),
            Progress = report => throw new TimeoutException($"{report.Member}"),
        };
        Assert.Throws<TimeoutException>(() => Trainer.Fit(Streamed.Network, Streamed.Classes(300), options));
        Assert.Throws<OperationCanceledException>(
            () => Trainer.Fit(Streamed.Network, Streamed.Classes(300), options with { Progress = null }, cancellation: new(canceled: true)));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void AStoppedOrCancelledRunGivesTheMeanOfThoseThatFinishedAnEpoch(bool cancelled)
    {
        var (table, model) = (Streamed.Classes(300), Streamed.Network);
        var alone = Seeds.Select(seed => Trainer.Fit(model, table, Alone(seed), table)).ToArray();
        var second = Trainer.Fit(model, table, Alone(Seeds[1]) with { Epochs = 2 }, table);
        using var source = new CancellationTokenSource();
        bool IsLast(EpochReport report) => report is { Member: 2, Epoch: 2 };
        var options = cancelled
            ? Options with { ReturnBestWhenCancelled = true, Progress = report => (IsLast(report) ? source : new()).Cancel() }
            : Options with { StopWhen = IsLast, Engine = Catalogue.Engine(3, null) };
        options = options with { Checkpoint = new(Path.Combine(folder, "run.checkpoint")) };
        IsMeanOf(Trainer.Fit(model, table, options, table, source.Token), alone[0], second);
        // It goes on where it was.
        IsMeanOf(Trainer.Fit(model, table, options with { StopWhen = null, Progress = null }, table), alone);
    }

    [Fact]
    public void AMemberThatLearnsNothingIsLeftOut()
    {
        var (model, table) = (Networks.All["gated"], Networks.Table(Networks.All["gated"], 90).To<float>());
        var options = Options with { InitialWeights = new Overflowing(2, model.LayerTensors.Count / 2) };
        var result = Trainer.Fit(model, table, options, table);
        Assert.Equal(2 * model.Parameters, result.Network.Model.Parameters);
        Assert.Equal(0, result.BestEpochs[1]);
        Assert.DoesNotContain(0, new[] { result.BestEpochs[0], result.BestEpochs[2] });
        Assert.Throws<ArithmeticException>(() => Trainer.Fit(model, table, options with { InitialWeights = new Overflowing(1, int.MaxValue) }, table));
    }

    [Theory]
    [InlineData("1 2 0 1 2")]
    [InlineData("0 1")]
    [InlineData("0")]
    [InlineData("0 0 0 0 0 0 0 0 0 1")]
    public void FewRowsAreEnough(string classes)
    {
        float[] targets = [.. classes.Split(' ').Select(float.Parse)];
        var (features, scores) = (new float[2 * targets.Length], new float[3 * targets.Length]);
        new TorchRandom(1).FillNormal<float>(features, 0, 1);
        var table = new Examples<float>(targets.Length, features, targets);
        var result = Trainer.Fit(Head.Multiclass, 3, table, Options with { Members = 5 });
        result.Network.Score(features, scores);
        Assert.Equal(5, result.BestEpochs.Count);
        Assert.DoesNotContain(scores, score => !float.IsFinite(score));
    }

    [Fact]
    public void TrainedFurtherItIsOneNetwork()
    {
        var table = Streamed.Classes(300);
        var first = Trainer.Fit(Streamed.Network, table, Options);
        var further = Trainer.Fit(first.Network, table, Options);
        Assert.Equal(first.Network.Model, further.Network.Model);
        Assert.All(further.History, report => Assert.Equal(1, report.Member));
        Assert.Equal(Trainer.Fit(first.Network, table, Options with { Members = 1 }).WeightHash, further.WeightHash);
    }

    [Fact]
    public void LbfgsAndSparseTablesHaveMembers()
    {
        var table = Streamed.Classes(300, sparse: true);
        var options = Options with { Lbfgs = new() { Iterations = 2 }, Epochs = 2 };
        IsMeanOf(Trainer.Fit(Streamed.Network, table, options, table), [.. Seeds.Select(seed => Trainer.Fit(
            Streamed.Network, table, options with { Members = 1, Seed = seed }, table))]);
    }

    [Fact]
    public void TooManyForOneNetworkAreRefusedBeforeTraining()
    {
        var table = Streamed.Classes(30);
        foreach (var members in new[] { 0, -1, 1001 })
        {
            Assert.Contains(
                "Members", Assert.Throws<ArgumentException>(() => Trainer.Fit(Streamed.Network, table, Options with { Members = members })).Message);
        }

        var large = Mlp.Parse($"{Streamed.Columns}-10000-10000-3", Activation.Of(new Relu()), Head.Multiclass);
        Assert.Throws<ArgumentException>(() => Trainer.Fit(large, table, Options));
    }

    private static long[] Seeds => [.. Enumerable.Range(0, 3).Select(member => Streams.OfMember(1, member))];

    private static TrainingOptions Alone(long seed) => Options with { Members = 1, Seed = seed };

    private static Examples<float> Only(Examples<float> table, Func<int, bool> isChosen)
    {
        int[] rows = [.. Catalogue.Rows(table.Rows).Where(isChosen)];
        float[] Of(float[] values, int columns) => [.. rows.SelectMany(row => values.AsSpan(row * columns, columns).ToArray())];
        return new(rows.Length, Of(table.Features, table.FeatureColumns), Of(table.Targets, table.TargetColumns), Of(table.Weights!, 1));
    }

    private static void IsMeanOf(TrainingResult<float> actual, params TrainingResult<float>[] members)
    {
        Assert.Equal(Ensemble.Mean([.. members.Select(member => member.Network.CopyWeights())]).Hash(), actual.WeightHash);
        Assert.Equal(members[0].Network.OutputScale, actual.Network.OutputScale);
        Assert.Equal(
            members.SelectMany((member, i) => member.History.Select(report => Numbers(report) with { Member = i + 1, Members = 3 })),
            actual.History.Select(Numbers));
        Assert.Equal(members.Select(member => member.BestEpoch), actual.BestEpochs);
    }

    private static void Same(TrainingResult<float> expected, TrainingResult<float> actual)
    {
        Assert.Equal(expected.WeightHash, actual.WeightHash);
        Assert.Equal(expected.History.Select(Numbers), actual.History.Select(Numbers));
    }

    private static EpochReport Numbers(EpochReport report) => report with { RowsPerSecond = 0, Elapsed = default };

    /// <summary>Weights so large that nothing finite comes of them, for some of the matrices it is asked for.</summary>
    private sealed record Overflowing(int First, int Matrices) : Initializer
    {
        private int asked;

        public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
        {
            new DefaultWeights().Fill(values, fanIn, fanOut, random);
            if ((asked++ / (long)Matrices) + 1 == First)
            {
                values.Fill(T.CreateTruncating(1e38));
            }
        }
    }
}
