using System.Threading.Channels;
using Backprop.Interop.Tests.ML;
using Backprop.Serving;
using Microsoft.ML;

namespace Backprop.Interop.Tests.Serving;

/// <summary>One model serves many threads, and gives way to its successor without a request that fails.</summary>
public sealed class ServingTests : IDisposable
{
    private const int Clients = 6;

    private static readonly Lazy<ServedModel> One = new(() => new ServedModel(seed: 1));
    private static readonly Lazy<ServedModel> Other = new(() => new ServedModel(seed: 2));

    private readonly string folder = Directory.CreateTempSubdirectory("backprop-serving-").FullName;

    private string ModelPath => Path.Combine(folder, "model.zip");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task UnderLoadEveryAnswerHasTheBitsOfTransform()
    {
        ServedModel.Replace(ModelPath, One.Value.Bytes);
        await using var service = await RunningService.Start(ModelPath);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            for (var i = 0; i < ServedModel.Rows.Count; i++)
            {
                // Each client at another row at any time.
                var row = (i + client * 17) % ServedModel.Rows.Count;
                var answer = await service.Classify(ServedModel.Rows[row]);
                Assert.Equal((One.Value.Id, One.Value.Answers[row]), (answer.Model, ServedModel.BitsOf(answer)));
            }
        })));
    }

    [Fact]
    public async Task AReplacedModelIsServedWithoutAFailedRequest()
    {
        const int Replacements = 10, AnswersOfEach = 30;
        Assert.NotEqual(One.Value.Answers, Other.Value.Answers);
        ServedModel.Replace(ModelPath, One.Value.Bytes);
        await using var service = await RunningService.Start(ModelPath);
        using var stop = new CancellationTokenSource();
        var answers = Channel.CreateUnbounded<(int Row, Classification Answer)>();
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            for (var row = client; !stop.IsCancellationRequested; row = (row + 1) % ServedModel.Rows.Count)
            {
                await answers.Writer.WriteAsync((row, await service.Classify(ServedModel.Rows[row])));
            }
        })).ToList();

        var (now, next) = (One.Value, Other.Value);
        for (var replacement = 0; replacement < Replacements; replacement++)
        {
            ServedModel.Replace(ModelPath, next.Bytes);
            Assert.StartsWith($"Information: Serves model {next.Id}", await service.NextLine());
            Assert.Equal(next.Id, (await service.Classify(ServedModel.Rows[0])).Model);
            (now, next) = (next, now);
            for (var count = 0; count < AnswersOfEach;)
            {
                var read = answers.Reader.ReadAsync().AsTask();
                // A client ends before it is told to only when a request of it failed: then that is what is thrown.
                await await Task.WhenAny([read, .. clients]).WaitAsync(RunningService.Patience);
                var (row, answer) = await read;
                var model = answer.Model == One.Value.Id ? One.Value : Other.Value;
                Assert.Equal((model.Id, model.Answers[row]), (answer.Model, ServedModel.BitsOf(answer)));
                count += model == now ? 1 : 0;
            }
        }

        stop.Cancel();
        await Task.WhenAll(clients);
        Assert.False(service.HasLine);
    }

    [Fact]
    public async Task ADamagedFileIsOneLineInTheLogAndTheModelStays()
    {
        ServedModel.Replace(ModelPath, One.Value.Bytes);
        await using var service = await RunningService.Start(ModelPath);
        var whole = Other.Value.Bytes;
        foreach (var damaged in new[] { [], "no model"u8.ToArray(), whole[..(whole.Length / 2)], AnotherTasksModel() })
        {
            ServedModel.Replace(ModelPath, damaged);
            var line = await service.NextLine();
            Assert.StartsWith($"Error: Keeps serving model {One.Value.Id}: {ModelPath} cannot take its place, ", line);
            Assert.DoesNotContain('\n', line);
            Assert.Equal(One.Value.Answers[5], ServedModel.BitsOf(await service.Classify(ServedModel.Rows[5])));
        }

        File.Delete(ModelPath);
        ServedModel.Replace(ModelPath, whole);
        Assert.StartsWith($"Information: Serves model {Other.Value.Id}", await service.NextLine());
        Assert.Equal(Other.Value.Answers[5], ServedModel.BitsOf(await service.Classify(ServedModel.Rows[5])));
        Assert.False(service.HasLine);
    }

    [Fact]
    public async Task ALockedFileIsReadAgainAtItsNextChange()
    {
        ServedModel.Replace(ModelPath, One.Value.Bytes);
        await using var service = await RunningService.Start(ModelPath);
        string line;
        using (var locked = new FileStream(ModelPath, FileMode.Truncate, FileAccess.Write, FileShare.None))
        {
            locked.Write(Other.Value.Bytes);
            locked.Flush();
            line = await service.NextLine();
            AssertUnread(line);
            Assert.Equal(One.Value.Answers[5], ServedModel.BitsOf(await service.Classify(ServedModel.Rows[5])));
        }

        // Its content is whole by now, and does not change again.
        File.SetLastWriteTimeUtc(ModelPath, DateTime.UnixEpoch);
        while (!(line = await service.NextLine()).StartsWith($"Information: Serves model {Other.Value.Id}", StringComparison.Ordinal))
        {
            // Truncating and writing may have been reported one by one.
            AssertUnread(line);
        }

        Assert.Equal(Other.Value.Answers[5], ServedModel.BitsOf(await service.Classify(ServedModel.Rows[5])));
        void AssertUnread(string line) => Assert.StartsWith($"Error: Keeps serving model {One.Value.Id}: {ModelPath} could not be read (", line);
    }

    [Fact]
    public void AServiceDoesNotBeginWithoutAModel()
    {
        Assert.Contains(ModelPath, Assert.Throws<InvalidDataException>(() => ClassifierService.Create(["--model", ModelPath])).Message);
        ServedModel.Replace(ModelPath, One.Value.Bytes[..100]);
        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => ClassifierService.Create(["--model", ModelPath])).Message);
        Assert.Contains("--model", Assert.Throws<ArgumentException>(() => ClassifierService.Create([])).Message);
    }

    private static byte[] AnotherTasksModel()
    {
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable(Row.Many(50));
        return ServedModel.BytesOf(context, TrainerTask.TwoClasses.Fit(context, Row.Many(50), options => options.NumberOfIterations = 1), data);
    }
}
