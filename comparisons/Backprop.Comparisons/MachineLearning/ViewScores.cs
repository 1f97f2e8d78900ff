using Backprop.Audit;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Comparisons.MachineLearning;

/// <summary>Takes a row's scores.</summary>
internal delegate void ScoreConsumer(ReadOnlySpan<float> scores);

/// <summary>Scores a view's rows and hands them to a consumer one row after another.</summary>
internal abstract class ViewScores : Contender
{
    /// <inheritdoc/>
    public sealed override void Run() => Score(_ => { });

    /// <inheritdoc/>
    public sealed override double[] Results()
    {
        var results = new List<double>();
        Score(scores => results.AddRange(scores.ToArray().Select(score => (double)score)));
        return [.. results];
    }

    /// <summary>Scores every row in order.</summary>
    protected abstract void Score(ScoreConsumer consumer);

    /// <summary>Hands over a column of the row a cursor moves.</summary>
    protected static void Consume(DataViewRowCursor cursor, DataViewRow row, DataViewSchema.Column column, ScoreConsumer consumer)
    {
        var scoresOf = row.GetGetter<VBuffer<float>>(column);
        VBuffer<float> scores = default;
        while (cursor.MoveNext())
        {
            scoresOf(ref scores);
            consumer(scores.GetValues());
        }
    }
}

/// <summary>A transformer's view, read by a cursor.</summary>
internal class TransformScores(ITransformer model, IDataView view, string name = "Score") : ViewScores
{
    /// <inheritdoc/>
    protected sealed override void Score(ScoreConsumer consumer)
    {
        var scored = model.Transform(view);
        var column = scored.Schema[name];
        using var cursor = scored.GetRowCursor([column]);
        Consume(cursor, cursor, column, consumer);
    }
}

/// <summary>ML.NET's own scorer of the same network, which sees a row at a time: what Transform would read were it not replaced.</summary>
internal sealed class RowMapperScores(ITransformer model, IDataView view) : ViewScores
{
    private readonly IRowToRowMapper mapper = model.GetRowToRowMapper(view.Schema);

    /// <inheritdoc/>
    protected override void Score(ScoreConsumer consumer)
    {
        var column = mapper.OutputSchema["Score"];
        using var cursor = view.GetRowCursor(mapper.GetDependencies([column]));
        using var row = mapper.GetRow(cursor, [column]);
        Consume(cursor, row, column, consumer);
    }
}

/// <summary>A PredictionEngine, given one object after another.</summary>
internal sealed class PredictionEngineScores : ViewScores
{
    private readonly List<NetworkRow<uint>> rows;
    private readonly PredictionEngine<NetworkRow<uint>, Prediction> engine;
    private Prediction prediction = new();

    public PredictionEngineScores(ITransformer model, IDataView view)
    {
        var ml = new MLContext(seed: 1);
        var features = (VectorDataViewType)view.Schema[nameof(NetworkRow<>.Features)].Type;
        var schema = NetworkData.Schema<uint>(features.Size, view.Schema[nameof(NetworkRow<>.Label)].Type);
        rows = [.. ml.Data.CreateEnumerable<NetworkRow<uint>>(view, reuseRowObject: false, schemaDefinition: schema)];
        engine = ml.Model.CreatePredictionEngine<NetworkRow<uint>, Prediction>(model, inputSchemaDefinition: schema);
    }

    /// <inheritdoc/>
    public override void Dispose() => engine.Dispose();

    /// <inheritdoc/>
    protected override void Score(ScoreConsumer consumer)
    {
        foreach (var row in rows)
        {
            engine.Predict(row, ref prediction);
            consumer(prediction.Score);
        }
    }

    private sealed class Prediction
    {
        public float[] Score { get; set; } = [];
    }
}
