using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>A row's scores do not depend on how it is scored, and the batched view passes everything else on untouched.</summary>
public class ScoringTests
{
    // More than two batches of the view, and not a whole number of them.
    private const int RowCount = 150;

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void RowByRowAndBatchedScoresHaveTheSameBits(TrainerTask task)
    {
        var (_, model, data) = Trained(task);
        var batched = Scores.Of(model.Transform(data));
        Assert.Equal(RowCount, batched.Count);
        Assert.Equal(batched, Scores.RowByRow(model, data));
    }

    [Fact]
    public void ReadingFurtherAheadGivesTheSameBits()
    {
        // Wide enough for several threads from some hundred rows on, which are read ahead in larger and larger batches.
        var (task, context) = (TrainerTask.ManyClasses, new MLContext());
        var model = task.Fit(context, Row.Many(100), options => (options.HiddenUnits, options.NumberOfIterations) = ([512, 256], 1));
        Assert.InRange(TrainerTask.ModelOf(model).Network.RowsFor(threads: 2), 65, 512);
        var data = context.Data.LoadFromEnumerable(Row.Many(1500));
        Assert.Equal(Scores.RowByRow(model, data), Scores.Of(model.Transform(data)));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void PredictionEngineGivesTheSameBits(TrainerTask task)
    {
        var (context, model, data) = Trained(task);
        var batched = Scores.Of(model.Transform(data));
        var single = task.Predict(context, model, Row.Many(RowCount));
        Assert.Equal(batched, single);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void SparseAndDenseFeaturesScoreAlike(TrainerTask task)
    {
        var (context, model, _) = Trained(task);
        var rows = Row.Many(RowCount);
        foreach (var row in rows)
        {
            row.Features[1] = row.Features[3] = 0;
        }

        var sparse = rows.Select(row => new SparseRow
        {
            Kind = row.Kind,
            Features = new VBuffer<float>(Row.FeatureCount, 2, [row.Features[0], row.Features[2]], [0, 2]),
        });
        Assert.Equal(
            Scores.Of(model.Transform(context.Data.LoadFromEnumerable(rows))),
            Scores.Of(model.Transform(context.Data.LoadFromEnumerable(sparse))));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void NaNFeaturesGiveNaNAndLeaveTheirNeighboursAlone(TrainerTask task)
    {
        var (context, model, data) = Trained(task);
        var rows = Row.Many(RowCount);
        rows[70].Features[2] = float.NaN;
        var broken = model.Transform(context.Data.LoadFromEnumerable(rows));

        Assert.All(task.NumbersOf(context, broken)[70], number => Assert.True(float.IsNaN(number), $"{task}: {number} for a row with NaN"));
        var (whole, holed) = (Scores.Of(model.Transform(data)), Scores.Of(broken));
        whole.RemoveAt(70);
        holed.RemoveAt(70);
        Assert.Equal(whole, holed);
        Assert.Equal(Scores.Of(broken), Scores.RowByRow(model, context.Data.LoadFromEnumerable(rows)));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void OtherColumnsPassThroughUnchanged(TrainerTask task)
    {
        var (context, model, data) = Trained(task);
        var rows = Row.Many(RowCount);
        var scored = context.Data.CreateEnumerable<Row>(model.Transform(data), reuseRowObject: false).ToList();
        Assert.Equal(rows.Select(row => row.Note), scored.Select(row => row.Note));
        Assert.Equal(rows.SelectMany(row => row.Features), scored.SelectMany(row => row.Features));
        Assert.Equal(rows.Select(row => row.Amount), scored.Select(row => row.Amount));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void InputColumnsNamedLikeOutputsAreHiddenByThem(TrainerTask task)
    {
        // ML.NET puts an output next to the input's column of that name, so that later columns move.
        var (context, model, data) = Trained(task);
        var homonyms = context.Transforms.CopyColumns("Score", nameof(Row.Note))
            .Append(context.Transforms.CopyColumns("Probability", nameof(Row.Note)))
            .Append(context.Transforms.CopyColumns("PredictedLabel", nameof(Row.Note)))
            .Append(context.Transforms.CopyColumns("Last", nameof(Row.Note)));
        var scored = model.Transform(homonyms.Fit(data).Transform(data));
        Assert.Equal(task.NumbersOf(context, model.Transform(data)), task.NumbersOf(context, scored));
        Assert.Equal(task.Quality(context, model.Transform(data)), task.Quality(context, scored));
        Assert.Equal(Row.Many(RowCount).Select(row => row.Note), scored.GetColumn<string>("Last"));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void PositionsAndIdsAreTheInputs(TrainerTask task)
    {
        var (_, model, data) = Trained(task);
        var scored = model.Transform(data);
        using var ours = scored.GetRowCursor(scored.Schema.Where(Scores.IsOutput));
        using var theirs = data.GetRowCursor([]);
        var (ourId, theirId) = (ours.GetIdGetter(), theirs.GetIdGetter());
        Assert.Equal(theirs.Position, ours.Position);
        while (theirs.MoveNext())
        {
            Assert.True(ours.MoveNext());
            DataViewRowId mine = default, other = default;
            ourId(ref mine);
            theirId(ref other);
            Assert.Equal((theirs.Position, theirs.Batch, other), (ours.Position, ours.Batch, mine));
        }

        Assert.False(ours.MoveNext());
        Assert.False(ours.MoveNext());
        Assert.Equal(-1, ours.Position);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AnInactiveColumnIsRefused(TrainerTask task)
    {
        var (_, model, data) = Trained(task);
        var scored = model.Transform(data);
        using var cursor = scored.GetRowCursor([scored.Schema["Note"]]);
        Assert.True(cursor.MoveNext());
        Assert.False(cursor.IsColumnActive(scored.Schema["Score"]));
        Assert.Contains("'Score'", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(scored.Schema["Score"])).Message);
        Assert.Contains("'Note'", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(scored.Schema["Note"])).Message);
    }

    private static (MLContext Context, ITransformer Model, IDataView Data) Trained(TrainerTask task)
    {
        var context = new MLContext();
        var model = task.Fit(context, Row.Many(100), options => options.NumberOfIterations = 2);
        return (context, model, context.Data.LoadFromEnumerable(Row.Many(RowCount)));
    }

    private sealed class SparseRow
    {
        public string Kind { get; set; } = "";

        public bool IsAbove { get; set; }

        public float Amount { get; set; }

        [VectorType(Row.FeatureCount)]
        public VBuffer<float> Features { get; set; }
    }
}
