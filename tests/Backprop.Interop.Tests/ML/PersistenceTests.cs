using System.IO.Compression;
using Backprop.ML;
using Microsoft.ML;

namespace Backprop.Interop.Tests.ML;

/// <summary>A model saved is the same model loaded, anywhere; a damaged file is an error in words.</summary>
public sealed class PersistenceTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backprop-").FullName;

    private string ModelPath => Path.Combine(folder, "model.zip");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void ALoadedModelIsTheSavedOne(TrainerTask task) => IsTheSavedOne(task, members: 1);

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void ALoadedMeanOfMembersIsTheSavedOne(TrainerTask task)
    {
        var model = IsTheSavedOne(task, members: 2);
        Assert.Equal([(1, 2), (1, 2), (1, 2), (2, 2), (2, 2), (2, 2)], model.History.Select(report => (report.Member, report.Members)));
        Assert.Contains("member2.0.weight", model.Network.CopyWeights().Tensors.Select(tensor => tensor.Name));
    }

    private IMultilayerPerceptronModel IsTheSavedOne(TrainerTask task, int members)
    {
        var (context, model, data) = Saved(task, members);
        var loaded = new MLContext().Model.Load(ModelPath, out var schema);
        Assert.Equal(data.Schema.Select(column => column.Name), schema.Select(column => column.Name));
        Assert.Equal(Scores.Of(model.Transform(data)), Scores.Of(loaded.Transform(data)));
        Assert.Equal(task.Predict(context, model, Row.Many(80)), task.Predict(context, loaded, Row.Many(80)));

        var (was, now) = (TrainerTask.ModelOf(model), TrainerTask.ModelOf(loaded));
        Assert.Equal(was.GetType(), now.GetType());
        Assert.Equal(was.History, now.History);
        Assert.Equal((was.BestEpoch, was.WeightHash), (now.BestEpoch, now.WeightHash));
        Assert.Equal(was.WeightHash, now.Network.CopyWeights().Hash());
        return now;
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AnotherProcessThatNeverTouchedOurTypesScoresTheSameBits(TrainerTask task)
    {
        var (context, model, data) = Saved(task);
        var dataPath = Path.Combine(folder, "data.idv");
        using (var file = File.Create(dataPath))
        {
            context.Data.SaveAsBinary(data, file);
        }

        Assert.Equal(["Backprop.ML loaded before: False", .. Scores.Of(model.Transform(data))], OtherProcess.Score(ModelPath, dataPath));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void ALoadedModelIsEvaluatedAndExplainedLikeANewOne(TrainerTask task)
    {
        var (context, model, data) = Saved(task);
        var loaded = context.Model.Load(ModelPath, out _);
        Assert.Equal(task.Quality(context, model.Transform(data)), task.Quality(context, loaded.Transform(data)));
        // The seed decides how features are permuted.
        var named = Row.LoadWithSlotNames(context, Row.Many(80));
        var importance = task.Importance(new MLContext(seed: 1), model, named);
        Assert.Contains("x0", importance.Keys);
        Assert.Equal(importance, task.Importance(new MLContext(seed: 1), loaded, named));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AFlippedBitAmongTheWeightsIsFound(TrainerTask task)
    {
        var (_, model, _) = Saved(task);
        var someWeight = BitConverter.GetBytes(TrainerTask.ModelOf(model).Network.CopyWeights().Values[5]);
        RewriteParameters(bytes =>
        {
            bytes[bytes.AsSpan().IndexOf(someWeight)] ^= 1;
            return bytes;
        });
        LoadIsRefused();
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void ATruncatedPayloadIsRefused(TrainerTask task)
    {
        Saved(task);
        RewriteParameters(bytes => bytes[..(bytes.Length * 2 / 3)]);
        LoadIsRefused();
    }

    private void LoadIsRefused()
    {
        var error = Assert.ThrowsAny<Exception>(() => new MLContext().Model.Load(ModelPath, out _)).GetBaseException();
        Assert.True(error is InvalidDataException or FormatException, $"{error.GetType()}: {error.Message}");
    }

    private (MLContext Context, ITransformer Model, IDataView Data) Saved(TrainerTask task, int members = 1)
    {
        var context = new MLContext();
        var model = task.Fit(context, Row.Many(100), options => (options.NumberOfIterations, options.Members) = (3, members));
        var data = context.Data.LoadFromEnumerable(Row.Many(80));
        context.Model.Save(model, data.Schema, ModelPath);
        return (context, model, data);
    }

    private void RewriteParameters(Func<byte[], byte[]> rewrite)
    {
        using var zip = ZipFile.Open(ModelPath, ZipArchiveMode.Update);
        var (entry, bytes) = zip.Entries.Select(e => (e, Read(e))).Single(file => file.Item2.AsSpan().IndexOf("backprop network"u8) >= 0);
        using var stream = entry.Open();
        stream.SetLength(0);
        stream.Write(rewrite(bytes));
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }
}
