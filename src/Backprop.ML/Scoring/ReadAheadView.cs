using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;

namespace Backprop.ML;

/// <summary>The input with output columns added, scored some rows ahead as one matrix.</summary>
/// <param name="input">The data.</param>
/// <param name="scorer">ML.NET's own row-by-row view of the same: source of the schema, in which the input's columns keep their order.</param>
/// <param name="featureColumn">The features' column.</param>
/// <param name="network">What scores.</param>
/// <param name="outputs">What makes columns of scores.</param>
internal sealed class ReadAheadView(IDataView input, IDataView scorer, string featureColumn, Network<float> network, OutputColumns outputs)
    : ITransformCanSaveOnnx
{
    // An output of the same name as an input's column stands next to it and hides it; the others come last.
    private readonly int[] sources = SourcesOf(scorer.Schema, outputs.Names);

    public DataViewSchema Schema => scorer.Schema;

    public bool CanShuffle => input.CanShuffle;

    IDataView IDataTransform.Source => input;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = Active(columnsNeeded);
        return Over(input.GetRowCursor(Needed(active), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var active = Active(columnsNeeded);
        return Array.ConvertAll(input.GetRowCursorSet(Needed(active), n, rand), cursor => Over(cursor, active));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => ((ICanSaveModel)scorer).Save(ctx);

    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx) => true;

    void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx) => PipelineOnnx.Save(ctx, network, featureColumn, outputs, Schema);

    private bool[] Active(IEnumerable<DataViewSchema.Column> columns)
    {
        var active = new bool[Schema.Count];
        foreach (var column in columns)
        {
            active[column.Index] = true;
        }

        return active;
    }

    private IEnumerable<DataViewSchema.Column> Needed(bool[] active)
        => input.Schema.Where(column => active[Array.IndexOf(sources, column.Index)]
            || (AnyOutput(active) && column.Index == input.Schema[featureColumn].Index));

    private bool AnyOutput(bool[] active) => active.Where((isActive, i) => isActive && sources[i] == ReadAheadCursor.Output).Any();

    /// <summary>For each column, the input's column it passes on, or that it is an output.</summary>
    private static int[] SourcesOf(DataViewSchema schema, IReadOnlyList<string> outputs)
    {
        var passed = 0;
        return [.. schema.Select(column => column.IsHidden || !outputs.Contains(column.Name) ? passed++ : ReadAheadCursor.Output)];
    }

    private DataViewRowCursor Over(DataViewRowCursor cursor, bool[] active)
        => new ReadAheadCursor(cursor, Schema, active, sources, AnyOutput(active) ? input.Schema[featureColumn] : null, network, outputs);
}
