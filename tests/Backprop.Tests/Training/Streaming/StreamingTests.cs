using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>Training on rows given one after another: below the cap as on a table, above it at bounded memory, and always the same again.</summary>
public sealed class StreamingTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backprop").FullName;

    /// <summary>Whether features are sparse, and a cap above which the rows are.</summary>
    public static TheoryData<bool, long> Tables => new() { { false, Streamed.Cap }, { true, Streamed.Cap }, { false, 3 * Streamed.Cap / 2 } };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("multiclass", "9d1c1c3710b174056e0166f9ad29405882994f8ece283d37785dafc0518ff554")]
    [InlineData("regression", "c8b09da943668825166c0e908d493e0f9d279c20807d1476889a92a22af440f8")]
    [InlineData("lbfgs", "d751a1e8e4cab210841c7c6877e7d773e9746526e086bdad05d556a85e4e096e")]
    public void ATableInMemoryGivesTheBitsItAlwaysGave(string how, string hash)
    {
        var random = new TorchRandom(5);
        var (features, numbers) = (new float[500 * 6], new float[500]);
        random.FillUniform<float>(features, -2, 2);
        random.FillUniform<float>(numbers, 0, 3);
        var options = new TrainingOptions { Hidden = [8], Epochs = 3, BatchSize = 48, Seed = 11 };
        var result = how == "multiclass"
            ? Trainer.Fit(Head.Multiclass, 3, new Examples<float>(500, features, Array.ConvertAll(numbers, x => (float)(int)x)), options)
            : Trainer.Fit(
                Head.Regression, 1, new Examples<float>(500, features, numbers), how == "lbfgs" ? options with { Epochs = 2, Lbfgs = new() } : options);
        Assert.Equal(hash, result.WeightHash);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void BelowTheCapNoBitChanges(bool sparse, bool validation)
    {
        var (table, held) = (Streamed.Classes(1_500, sparse), validation ? Streamed.Classes(200, sparse) : null);
        var expected = Trainer.Fit(Streamed.Network, table, Streamed.Options, held).WeightHash;
        foreach (var cap in new long?[] { null, Streamed.Cap, 1L << 40 })
        {
            using var data = Streamed.DataOf(Streamed.Network, table, Streamed.Options with { MemoryCap = cap, CacheFolder = folder }, held);
            Assert.Equal(expected, data.Fit().WeightHash);
            Assert.Equal(0, data.FileBytes);
        }
    }

    [Theory, MemberData(nameof(Tables))]
    public void AboveTheCapBitsAreThoseOfTheSeedOnAnyThreadsAndVectors(bool sparse, long cap)
    {
        var table = Streamed.Classes(sparse ? 60_000 : 9_000, sparse);
        string Hash(int threads, int? bits, long seed = 1) => Streamed.Fit(
            Streamed.Network, table, Streamed.Options with { MemoryCap = cap, Seed = seed, Engine = Catalogue.Engine(threads, bits) }).WeightHash;
        var hash = Hash(1, null);
        Assert.Equal(hash, Hash(1, null));
        Assert.Equal(hash, Hash(2, null));
        Assert.Equal(hash, Hash(3, 128));
        Assert.NotEqual(hash, Hash(1, null, seed: 2));
    }

    [Theory]
    [InlineData(false, 9_000, false)]
    [InlineData(false, 9_000, true)]
    [InlineData(true, 60_000, false)]
    [InlineData(true, 60_000, true)]
    [InlineData(false, 3_000, true)]
    [InlineData(false, 1_000, true)]
    public void RowsNeverTakeMoreThanTheCap(bool sparse, int rows, bool validation)
    {
        var (table, held) = (Streamed.Classes(rows, sparse), validation ? Streamed.Classes(rows, sparse, seed: 4) : null);
        foreach (var cap in new[] { Streamed.Cap, 2 * Streamed.Cap })
        {
            using var data = Streamed.DataOf(Streamed.Network, table, Streamed.Options with { MemoryCap = cap }, held);
            data.Fit();
            Assert.InRange(data.PeakMemoryBytes, cap / 4, cap);
            Assert.True(data.FileBytes == 0 || data.FileBytes > cap / 4, $"{data.FileBytes} bytes in the file");
        }
    }

    [Fact]
    public void ValidationRowsThatDoNotFitBesideTheOthersAreReadBackToo()
    {
        // Each would fit, both together do not: the training rows are still in memory when validation rows need the room.
        var (table, held) = (Streamed.Classes(1_200), Streamed.Classes(1_100, seed: 4));
        using var data = Streamed.DataOf(Streamed.Network, table, Streamed.Options, held);
        var result = data.Fit();
        Assert.True(data.FileBytes > 0);
        Assert.InRange(data.PeakMemoryBytes, 0, Streamed.Cap);

        // The validation loss of the weights that were kept, computed anew.
        var best = result.History[result.BestEpoch - 1];
        var (scores, right) = (new float[3], 0);
        for (var row = 0; row < held.Rows; row++)
        {
            result.Network.Score(held.Features.AsSpan(row * Streamed.Columns, Streamed.Columns), scores);
            right += scores.IndexOf(scores.Max()) == (int)held.Targets[row] ? 1 : 0;
        }

        Assert.Equal((double)right / held.Rows, best.ValidationAccuracy, 1e-3);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void RowsInOrderOfTheirClassAreLearnedAsWellAsInMemory(bool sparse)
    {
        var (table, test) = (Streamed.Classes(sparse ? 60_000 : 9_000, sparse), Streamed.Classes(3_000, sparse, seed: 9));
        var options = Streamed.Options with { Epochs = 4, Optimizer = new Adam { LearningRate = 0.01 } };
        var (streamed, whole) = (Accuracy(Streamed.Fit(Streamed.Network, table, options), test), Accuracy(Trainer.Fit(Streamed.Network, table, options), test));
        Assert.True(whole > 0.6, $"{whole} in memory");
        // Accuracies of 3,000 rows deviate by less than 0.9 %.
        Assert.InRange(streamed, whole - 0.02, 1);
    }

    [Fact]
    public void LabelsAreStandardisedByTheirMomentsOverTheFile()
    {
        var table = Streamed.Classes(9_000);
        var labels = Enumerable.Range(0, table.Rows)
            .Select(row => 1e5f + 100 * (table.Features[row * Streamed.Columns] + table.Features[row * Streamed.Columns + 1])).ToArray();
        var model = new Mlp([Streamed.Columns, 8, 1], Activation.Of(new Relu()), Head.Regression);
        var (trained, scores) = (new Examples<float>(table.Rows, table.Features, labels, table.Weights), new float[table.Rows]);
        var result = Streamed.Fit(model, trained, Streamed.Options with { Epochs = 8, Optimizer = new Adam { LearningRate = 0.01 } });
        result.Network.Score(table.Features, scores);
        var (error, spread) = (Deviation(scores.Zip(labels, (a, b) => (double)a - b)), Deviation(labels.Select(label => (double)label - labels.Average())));
        Assert.True(error < 0.2 * spread, $"error {error} of a spread of {spread}");
    }

    [Fact]
    public void LbfgsMinimisesTheSameLossFromTheFile()
    {
        var table = Streamed.Classes(9_000).To<double>();
        var options = Streamed.Options with { ValidationFraction = 0, Epochs = 4, Lbfgs = new() { StrongWolfe = true, Iterations = 5 } };
        var (streamed, whole) = (Streamed.Fit(Streamed.Network, table, options), Trainer.Fit(Streamed.Network, table, options));
        // The same sums over all rows in another order.
        Assert.Equal(whole.History[0].TrainingLoss, streamed.History[0].TrainingLoss, 1e-12);
        Assert.All(whole.History.Zip(streamed.History), pair => Assert.Equal(pair.First.TrainingLoss, pair.Second.TrainingLoss, 1e-6));
        Assert.Equal(streamed.WeightHash, Streamed.Fit(Streamed.Network, table, options).WeightHash);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void ARunGoesOnFromEverySavedState(bool sparse)
    {
        var table = Streamed.Classes(sparse ? 40_000 : 6_000, sparse);
        var path = Path.Combine(folder, "run.checkpoint");
        var options = Streamed.Options with { BatchSize = 300, Epochs = 2, ValidationFraction = 0.2 };
        var whole = Streamed.Fit(Streamed.Network, table, options);
        var states = new List<byte[]>();
        var saving = new CheckpointOptions(path) { EveryUpdates = 5, Saved = () => states.Add(File.ReadAllBytes(path)) };
        Assert.Equal(whole.WeightHash, Streamed.Fit(Streamed.Network, table, options with { Checkpoint = saving }).WeightHash);
        Assert.True(states.Count >= 5, $"{states.Count} states");
        foreach (var state in states.Where((_, i) => i % (states.Count / 4) == 1 || i == states.Count - 1))
        {
            File.WriteAllBytes(path, state);
            var resumed = Streamed.Fit(Streamed.Network, table, options with { Checkpoint = new(path) });
            Assert.Equal(whole.WeightHash, resumed.WeightHash);
            Assert.Equal(whole.History.Select(report => report.ValidationLoss), resumed.History.Select(report => report.ValidationLoss));
        }

        var other = Streamed.Classes(table.Rows, sparse, seed: 8);
        Assert.Throws<InvalidDataException>(() => Streamed.Fit(Streamed.Network, other, options with { Checkpoint = new(path) }));
        Assert.Throws<InvalidDataException>(
            () => Streamed.Fit(Streamed.Network, table, options with { MemoryCap = 3 * Streamed.Cap / 2, Checkpoint = new(path) }));
    }

    [Fact]
    public void NoFileIsLeftWhateverHappens()
    {
        var (table, options) = (Streamed.Classes(9_000), Streamed.Options with { CacheFolder = folder });
        string[] Files() => Directory.GetFileSystemEntries(folder);
        using (var data = Streamed.DataOf(Streamed.Network, table, options with { Progress = _ => AssertUnseen() }))
        {
            Assert.True(data.FileBytes > Streamed.Cap);
            data.Fit();
        }

        Assert.Empty(Files());

        using (var data = Streamed.DataOf(Streamed.Network, table, options))
        {
            var bad = table.Features[..Streamed.Columns];
            bad[7] = float.NaN;
            Assert.Throws<ArgumentException>(() => data.Training.Add(bad, [0]));
        }

        Assert.Empty(Files());

        using (var data = Streamed.DataOf(Streamed.Network, table, options with { Progress = _ => throw new TimeoutException() }))
        {
            Assert.Throws<TimeoutException>(() => data.Fit());
        }

        Assert.Empty(Files());

        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => Streamed.Fit(Streamed.Network, table, options, cancellation: source.Token));
        Assert.Empty(Files());

        void AssertUnseen()
        {
            // On Unix the file has no name once it is open, so that it goes with the process, however that ends.
            Assert.True(OperatingSystem.IsWindows() || Files().Length == 0, string.Join(", ", Files()));
        }
    }

    [Fact]
    public void RowsComeInTheirOrder()
    {
        var row = new float[Streamed.Columns];
        using var split = new TrainingData<float>(Streamed.Network, Streamed.Options);
        Assert.Throws<InvalidOperationException>(() => split.Validation.Add(row, [1]));
        using var data = new TrainingData<float>(Streamed.Network, Streamed.Options with { Epochs = 1 }, new(ValidationRows: true));
        data.Training.Add(row, [1]);
        data.Validation.Add(row, [1]);
        Assert.Throws<InvalidOperationException>(() => data.Training.Add(row, [1]));
        data.Fit();
        Assert.Throws<InvalidOperationException>(() => data.Validation.Add(row, [1]));
        Assert.Throws<InvalidOperationException>(() => data.Fit());
    }

    [Fact]
    public void ExpectedRowsMayBeMoreOrFewer()
    {
        var table = Streamed.Classes(9_000);
        var expected = Streamed.Fit(Streamed.Network, table, Streamed.Options).WeightHash;
        foreach (var rows in new[] { 10, 9_000, long.MaxValue })
        {
            using var data = new TrainingData<float>(Streamed.Network, Streamed.Options, new(Weights: true));
            data.Training.Expect(rows);
            data.Training.Add(table);
            Assert.True(data.PeakMemoryBytes <= Streamed.Cap, $"{data.PeakMemoryBytes} bytes");
            Assert.True(data.FileBytes > Streamed.Cap);
            Assert.Equal(expected, data.Fit().WeightHash);
        }
    }

    /// <summary>The cap that a message names.</summary>
    private static double Accuracy(TrainingResult<float> result, Examples<float> table)
    {
        var (row, scores, right) = (new float[Streamed.Columns], new float[3], 0);
        for (var i = 0; i < table.Rows; i++)
        {
            table.CopyFeaturesTo(i, row);
            result.Network.Score(row, scores);
            right += scores.IndexOf(scores.Max()) == (int)table.Targets[i] ? 1 : 0;
        }

        return (double)right / table.Rows;
    }

    private static double Deviation(IEnumerable<double> errors) => Math.Sqrt(errors.Average(error => error * error));
}
