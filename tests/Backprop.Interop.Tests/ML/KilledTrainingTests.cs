using Backprop.ML;
using Backprop.Training;
using Microsoft.ML;

namespace Backprop.Interop.Tests.ML;

/// <summary>Training whose process was killed goes on from its checkpoint to the weights it would have had, and left no file of rows.</summary>
public sealed class KilledTrainingTests : IDisposable
{
    /// <summary>The first argument of this assembly, started as a program, that makes it train.</summary>
    internal const string Command = "train";

    private const int Epochs = 6, Every = 2, LastEpoch = 3;
    private readonly string folder = Directory.CreateTempSubdirectory("backprop").FullName;

    public static TheoryData<TrainerTask, bool> Cases
    {
        get
        {
            var cases = new TheoryData<TrainerTask, bool> { { TrainerTask.TwoClasses, false } };
            foreach (var task in TrainerTask.All)
            {
                cases.Add(task, true);
            }

            return cases;
        }
    }

    private string CheckpointPath => Path.Combine(folder, "training.state");

    private string CacheFolder => Path.Combine(folder, "cache");

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(Cases))]
    public void AKilledRunGoesOnToTheSameWeights(TrainerTask task, bool capped)
    {
        Directory.CreateDirectory(CacheFolder);
        var whole = Fit(task, capped, CacheFolder, null, _ => { });
        Assert.Equal(Epochs, whole.History.Count);
        // Rows from the file come in another order than those in memory: there was a file.
        Assert.Equal(!capped, whole.WeightHash == Fit(task, false, CacheFolder, null, _ => { }).WeightHash);

        OtherProcess.KillAt($"epoch {LastEpoch}", Command, $"{task}", $"{capped}", CacheFolder, CheckpointPath);
        Assert.Empty(Directory.GetFileSystemEntries(CacheFolder));
        Assert.Equal([CheckpointPath], Directory.GetFiles(folder));

        var epochs = new List<int>();
        var resumed = Fit(task, capped, CacheFolder, CheckpointPath, report => epochs.Add(report.Epoch));
        // Saved after every other epoch: the third is lost and trained again.
        Assert.Equal([3, 4, 5, 6], epochs);
        Assert.Equal(whole.WeightHash, resumed.WeightHash);
        Assert.Equal(whole.History.Select(report => report.ValidationLoss), resumed.History.Select(report => report.ValidationLoss));
    }

    /// <summary>The process that is killed: says which epochs were finished, and after one of them waits for its end.</summary>
    internal static void Train(string[] args)
    {
        var task = TrainerTask.All.Single<TrainerTask>(task => $"{task}" == args[1]);
        Fit(task, bool.Parse(args[2]), args[3], args[4], report =>
        {
            Console.WriteLine($"epoch {report.Epoch}");
            if (report.Epoch == LastEpoch)
            {
                Console.In.ReadLine();
            }
        });
    }

    private static IMultilayerPerceptronModel Fit(TrainerTask task, bool capped, string cacheFolder, string? checkpoint, Action<EpochReport> progress)
        => TrainerTask.ModelOf(task.Fit(new MLContext(), Row.Many(25_000), options =>
        {
            (options.NumberOfIterations, options.Patience, options.Progress) = (Epochs, Epochs, progress);
            (options.MemoryCap, options.CacheFolder) = (capped ? 1 << 20 : null, cacheFolder);
            options.Checkpoint = checkpoint is null ? null : new(checkpoint) { EveryEpochs = Every };
        }));
}
