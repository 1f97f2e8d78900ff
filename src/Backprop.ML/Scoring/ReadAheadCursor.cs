using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>Reads rows ahead, scores them as one matrix, then serves them one by one; columns passed on are kept for as long.</summary>
internal sealed class ReadAheadCursor : DataViewRowCursor
{
    /// <summary>The source of a column that is computed here.</summary>
    internal const int Output = -1;

    // Enough rows for the products to run at full speed; values do not depend on it.
    private const int FirstRows = 64;

    // More where they keep every core busy, but neither for a consumer of few rows, nor more than 4 MB of features.
    private const int MostRows = 1024;
    private const int MostFeatures = 1 << 20;

    private readonly DataViewRowCursor input;
    private readonly bool[] active;
    private readonly int[] sources;
    private readonly ReadAheadColumn?[] passedOn;
    private readonly ValueGetter<VBuffer<float>>? featuresOf;
    private readonly ValueGetter<DataViewRowId> idOf;
    private readonly OutputColumns outputs;
    private readonly ScoreBatch batch;
    private readonly (long Position, long Batch, DataViewRowId Id)[] rows;
    private VBuffer<float> features;
    private int ahead;
    private int count;
    private int current = -1;
    private bool ended;

    internal ReadAheadCursor(
        DataViewRowCursor input,
        DataViewSchema schema,
        bool[] active,
        int[] sources,
        DataViewSchema.Column? featureColumn,
        Network<float> network,
        OutputColumns outputs)
    {
        (this.input, Schema, this.active, this.sources, this.outputs) = (input, schema, active, sources, outputs);
        rows = new (long, long, DataViewRowId)[featureColumn is null ? 1 : MostAhead(network)];
        ahead = Math.Min(rows.Length, FirstRows);
        batch = outputs.NewBatch(network, rows.Length);
        idOf = input.GetIdGetter();
        featuresOf = featureColumn is { } column ? input.GetGetter<VBuffer<float>>(column) : null;
        passedOn = [.. sources.Select((source, i) =>
            active[i] && source != Output ? ReadAheadColumn.Of(input, input.Schema[source], rows.Length) : null)];
    }

    public override DataViewSchema Schema { get; }

    public override long Position => IsOnRow ? rows[current].Position : -1;

    public override long Batch => IsOnRow ? rows[current].Batch : 0;

    private bool IsOnRow => current >= 0 && current < count;

    public override bool MoveNext()
    {
        if (++current >= count && !ended)
        {
            ReadAhead();
            (current, ahead) = (0, Math.Min(rows.Length, 2 * ahead));
        }

        current = Math.Min(current, count);
        return current < count;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = rows[current].Id;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!active[column.Index])
        {
            throw new InvalidOperationException($"Column '{column.Name}' is not active. Ask for it when the cursor is made.");
        }

        var getter = sources[column.Index] != Output
            ? passedOn[column.Index]!.GetterAt(() => current)
            : outputs.GetterOf(column.Name, batch, () => current);
        return getter as ValueGetter<TValue>
            ?? throw new InvalidOperationException(
                $"Column '{column.Name}' holds {column.Type.RawType}, not {typeof(TValue)}. Ask for its own type.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            input.Dispose();
        }

        base.Dispose(disposing);
    }

    private static int MostAhead(Network<float> network)
    {
        var most = Math.Clamp(MostFeatures / network.Model.Inputs, FirstRows, MostRows);
        return network.RowsFor(threads: 2) > most ? FirstRows : (int)Math.Clamp(network.RowsFor(Environment.ProcessorCount), FirstRows, most);
    }

    private void ReadAhead()
    {
        for (count = 0; count < ahead; count++)
        {
            if (!input.MoveNext())
            {
                ended = true;
                break;
            }

            (rows[count].Position, rows[count].Batch) = (input.Position, input.Batch);
            idOf(ref rows[count].Id);
            foreach (var column in passedOn)
            {
                column?.Read(count);
            }

            if (featuresOf is not null)
            {
                featuresOf(ref features);
                batch.Load(count, in features);
            }
        }

        if (featuresOf is not null && count > 0)
        {
            batch.Score(count);
        }
    }
}
