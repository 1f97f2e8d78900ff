using Microsoft.ML;

namespace Backprop.Interop.Tests.ML;

/// <summary>One model, loaded from its file, scores on many threads in every way at once, with the bits it gives alone.</summary>
public class ConcurrencyTests
{
    private const int RowCount = 150;

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public async Task EveryWayOfScoringAtOnceGivesTheSameBits(TrainerTask task)
    {
        const int ThreadsOfEach = 3, Rounds = 5;
        var context = new MLContext();
        var rows = Row.Many(RowCount);
        var data = context.Data.LoadFromEnumerable(rows);
        var model = Loaded(context, task, data);
        var expected = Scores.Of(model.Transform(data));
        var sorted = expected.Order().ToList();

        Action[] ways =
        [
            () => Assert.Equal(expected, Scores.Of(model.Transform(data))),
            () => Assert.Equal(expected, task.Predict(context, model, rows)),
            () => Assert.Equal(expected, Scores.RowByRow(model, data)),
            () => Assert.Equal(sorted, ByParallelCursors(model.Transform(context.Data.Cache(data))).Order()),
        ];
        using var start = new Barrier(ways.Length * ThreadsOfEach);
        await Task.WhenAll(ways.SelectMany(way => Enumerable.Repeat(way, ThreadsOfEach)).Select(way => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                for (var round = 0; round < Rounds; round++)
                {
                    way();
                }
            },
            TaskCreationOptions.LongRunning)));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void ParallelCursorsOverAParallelTransformGiveTheSameRows(TrainerTask task)
    {
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable(Row.Many(RowCount));
        // A transform that ML.NET itself spreads over threads, below and above the network.
        var normalise = context.Transforms.NormalizeMeanVariance("Features");
        var pipeline = normalise.Append(task.Pipeline(context, options => options.NumberOfIterations = 2))
            .Append(context.Transforms.CopyColumns("Copy", "Note"));
        var scored = pipeline.Fit(data).Transform(context.Data.Cache(data));
        Assert.Equal(Scores.Of(scored).Order(), ByParallelCursors(scored).Order());
    }

    private static List<string> ByParallelCursors(IDataView scored)
    {
        var cursors = scored.GetRowCursorSet(scored.Schema.Where(Scores.IsOutput), 4);
        Assert.True(cursors.Length > 1, "the view does not split");
        var lines = new List<string>[cursors.Length];
        Parallel.For(0, cursors.Length, i =>
        {
            using var cursor = cursors[i];
            lines[i] = Scores.Of(cursor);
        });
        return [.. lines.SelectMany(line => line)];
    }

    private static ITransformer Loaded(MLContext context, TrainerTask task, IDataView data)
    {
        using var file = new MemoryStream();
        context.Model.Save(task.Fit(context, Row.Many(100), options => options.NumberOfIterations = 2), data.Schema, file);
        file.Position = 0;
        return context.Model.Load(file, out _);
    }
}
