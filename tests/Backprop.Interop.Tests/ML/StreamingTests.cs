using Backprop.ML;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Backprop.Interop.Tests.ML;

/// <summary>Above MemoryCap, rows go to a file on their one way in: trained on as well, the same again, and gone afterwards.</summary>
public sealed class StreamingTests : IDisposable
{
    private const long Cap = 1 << 20;
    private const int Many = 25_000;
    private readonly string folder = Directory.CreateTempSubdirectory("backprop").FullName;

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void BelowTheCapNoBitChanges(TrainerTask task)
    {
        string Hash(long? cap) => TrainerTask.ModelOf(task.Fit(new MLContext(), Row.Many(300), Capped(cap, iterations: 3))).WeightHash;
        var hash = Hash(null);
        Assert.Equal(hash, Hash(Cap));
        Assert.Equal(hash, Hash(long.MaxValue));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AboveTheCapRowsAreLearnedAsWell(TrainerTask task)
    {
        var context = new MLContext();
        var (rows, test) = (Row.Many(Many), context.Data.LoadFromEnumerable(Row.Many(2_000, seed: 8)));
        double Quality(long? cap) => task.Quality(context, task.Fit(context, rows, Capped(cap, iterations: 4)).Transform(test));
        var (streamed, whole) = (Quality(Cap), Quality(null));
        Assert.True(streamed > whole - 0.02, $"{streamed} from the file, {whole} in memory");
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void TheViewIsReadOnceForAllEpochs(TrainerTask task)
    {
        var context = new MLContext();
        CountingView View(int seed) => new(context.Data.LoadFromEnumerable(Row.Many(Many, seed)));
        var (train, validation) = (View(7), View(8));
        task.Labelled(context, train, train);
        // Once for the keys, where there are any.
        var ahead = train.Cursors;
        var first = task.Fit(context, train, validation, null, Capped(Cap, iterations: 3));
        Assert.Equal((2 * ahead + 1, 1), (train.Cursors, validation.Cursors));

        var second = task.Fit(context, train, validation, null, options =>
        {
            Capped(Cap, iterations: 3)(options);
            options.NumberOfThreads = 2;
        });
        Assert.Equal(first.WeightHash, second.WeightHash);
        Assert.Equal(3, first.History.Count);
    }

    [Fact]
    public void TheLogSaysWhatRowsTook()
    {
        var context = new MLContext();
        var lines = new List<string>();
        context.Log += (_, e) => lines.AddRange(e.Kind == ChannelMessageKind.Info && e.RawMessage.StartsWith("Rows took") ? [e.RawMessage] : []);
        TrainerTask.TwoClasses.Fit(context, Row.Many(300), Capped(Cap, iterations: 1));
        Assert.Empty(lines);
        TrainerTask.TwoClasses.Fit(context, Row.Many(Many), Capped(Cap, iterations: 1));
        var numbers = Assert.Single(lines).Split(' ').Where(word => char.IsAsciiDigit(word[0])).Select(word => long.Parse(word.Replace(",", ""))).ToList();
        // 4 features and a label.
        Assert.InRange(numbers[0], Cap / 2, Cap);
        Assert.Equal(Many * 5 * sizeof(float), numbers[1]);
    }

    [Fact]
    public void ACancelledFitLeavesNothing()
    {
        using var source = new CancellationTokenSource();
        var fit = () => TrainerTask.TwoClasses.Fit(new MLContext(), Row.Many(Many), options =>
        {
            Capped(Cap, iterations: 100)(options);
            (options.Cancellation, options.Progress) = (source.Token, _ => source.Cancel());
        });
        Assert.Throws<OperationCanceledException>(fit);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void GroupsAreKeptTogetherAboveTheCapToo()
    {
        var context = new MLContext();
        var groups = new MLContext().Data.LoadFromEnumerable(Row.Many(Many));
        string Hash(string? key) => TrainerTask.OneNumber.Fit(context, groups, null, null, options =>
        {
            Capped(Cap, iterations: 1)(options);
            options.SamplingKeyColumnName = key;
        }).WeightHash;
        Assert.Equal(Hash(nameof(Row.Kind)), Hash(nameof(Row.Kind)));
        Assert.NotEqual(Hash(nameof(Row.Kind)), Hash(null));
    }

    [Theory]
    [InlineData(0, "MemoryCap is 0, not 1048576 (1 MiB) or more.")]
    [InlineData(-5, "MemoryCap is -5, not 1048576 (1 MiB) or more.")]
    public void ABadCapIsRefusedBeforeTheDataIsRead(long cap, string words)
    {
        var view = new CountingView(new MLContext().Data.LoadFromEnumerable(Row.Many(300)));
        var error = Assert.Throws<ArgumentException>(() => TrainerTask.OneNumber.Fit(new MLContext(), view, null, null, Capped(cap, iterations: 1)));
        Assert.StartsWith(words, error.Message);
        Assert.Equal(0, view.Cursors);
    }

    private Action<MultilayerPerceptronOptions> Capped(long? cap, int iterations) => options =>
    {
        (options.NumberOfIterations, options.MemoryCap, options.CacheFolder) = (iterations, cap, folder);
        // On Unix the file has no name once it is open.
        options.Progress = _ => Assert.True(OperatingSystem.IsWindows() || Directory.GetFileSystemEntries(folder).Length == 0);
    };
}
