using Backprop.Formulas;
using Backprop.ML;
using Backprop.Models;
using Backprop.Training;
using Microsoft.ML;

namespace Backprop.Interop.Tests.ML;

/// <summary>Networks of any layers through the trainers: they train, are saved and loaded, stop and go on.</summary>
public sealed class LayerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backprop-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void SkipConnectionsNormalisationAndDropoutTrainAndScoreAfterLoading(TrainerTask task)
    {
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable(Row.Many(300));
        var model = task.Fit(context, Row.Many(300), options => options.Layers = Layers);
        Assert.True(task.Quality(context, model.Transform(data)) > 0.85);

        var path = Path.Combine(folder, "model.zip");
        context.Model.Save(model, data.Schema, path);
        var loaded = new MLContext().Model.Load(path, out _);
        Assert.Equal(Scores.Of(model.Transform(data)), Scores.Of(loaded.Transform(data)));
        Assert.Equal(task.Predict(context, model, Row.Many(20)), task.Predict(context, loaded, Row.Many(20)));
        var names = TrainerTask.ModelOf(loaded).Network.CopyWeights().Tensors.Select(tensor => tensor.Name);
        Assert.Contains("block.weight", names);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AStoppedFitGoesOnFromItsCheckpoint(TrainerTask task)
    {
        var rows = Row.Many(300);
        void Change(MultilayerPerceptronOptions options)
        {
            options.Layers = Layers;
            options.NumberOfIterations = 8;
            options.Recompute = true;
        }

        var whole = TrainerTask.ModelOf(task.Fit(new MLContext(), rows, Change)).WeightHash;
        using var source = new CancellationTokenSource();
        void Stop(bool now)
        {
            if (now)
            {
                source.Cancel();
            }
        }

        var checkpoint = new CheckpointOptions(Path.Combine(folder, "fit.checkpoint")) { EveryUpdates = 2 };
        Assert.Throws<OperationCanceledException>(() => task.Fit(new MLContext(), rows, options =>
        {
            Change(options);
            (options.Checkpoint, options.Cancellation) = (checkpoint, source.Token);
            options.Progress = report => Stop(report.Epoch == 3);
        }));
        var epochs = new List<int>();
        var resumed = TrainerTask.ModelOf(task.Fit(new MLContext(), rows, options =>
        {
            Change(options);
            (options.Checkpoint, options.Progress) = (checkpoint, report => epochs.Add(report.Epoch));
        }));
        Assert.Equal(whole, resumed.WeightHash);
        Assert.True(epochs[0] > 3, $"It began again with epoch {epochs[0]}");
        Assert.Equal(8, resumed.History.Count);
    }

    private static Signal Layers(Signal x)
    {
        var h = x.Linear(16).LayerNorm().Apply(new Silu());
        var block = h.Through(new Models.Layers.Linear(16) { Name = "block" }).BatchNorm().Apply(new Relu()).Dropout(0.1);
        return h + block.Linear(16);
    }
}
