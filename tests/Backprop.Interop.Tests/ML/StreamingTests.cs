using Backprop.ML;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>Above MemoryCap, rows go to a file on their one way in: trained on as well, the same again, and gone afterwards.</summary>
public sealed class StreamingTests : IDisposable
{
    private const long Cap = 1 << 20;
    private readonly string folder = Directory.CreateTempSubdirectory("backprop").FullName;

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void BelowTheCapNoBitChanges(TrainerTask task)
    {
        string Hash(long? cap) => TrainerTask.ModelOf(task.Fit(new MLContext(), Row.Many(300), options =>
        {
            (options.NumberOfIterations, options.MemoryCap, options.CacheFolder) = (3, cap, folder);
        })).WeightHash;
        Assert.Equal(Hash(null), Hash(Cap));
        Assert.Equal(Hash(null), Hash(long.MaxValue));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AboveTheCapRowsAreLearnedAsWellFromOneReading(TrainerTask task)
    {
        var context = new MLContext();
        var rows = Row.Many(15_000);
        var view = new CountingView(context.Data.LoadFromEnumerable(rows));
        ITransformer Fit(IDataView data, long? cap, int threads) => task.Pipeline(context, options =>
        {
            (options.NumberOfIterations, options.MemoryCap, options.CacheFolder, options.NumberOfThreads) = (4, cap, folder, threads);
            options.Progress = _ => Assert.True(cap is null || OperatingSystem.IsWindows() || Directory.GetFiles(folder).Length == 0);
        }).Fit(data);

        // Some pipelines read the view once for themselves, to find its keys.
        var ahead = task.Pipeline(context).GetOutputSchema(SchemaShape.Create(view.Schema)) is null ? 0 : view.Cursors;
        var streamed = Fit(view, Cap, 1);
        var cursors = view.Cursors - ahead;
        Fit(context.Data.LoadFromEnumerable(rows), null, 1);
        Assert.InRange(cursors, 1, 2);

        var again = new CountingView(context.Data.LoadFromEnumerable(rows));
        Assert.Equal(TrainerTask.ModelOf(streamed).WeightHash, TrainerTask.ModelOf(Fit(again, Cap, 2)).WeightHash);
        var test = context.Data.LoadFromEnumerable(Row.Many(2_000, seed: 8));
        var (quality, whole) = (task.Quality(context, streamed.Transform(test)), task.Quality(context, Fit(view, null, 1).Transform(test)));
        Assert.True(quality > whole - 0.02, $"{quality} from the file, {whole} in memory");
    }
}
