using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>Reads every output column of a scored view as text that shows each bit, one line a row.</summary>
internal static class Scores
{
    internal static List<string> Of(IDataView scored)
    {
        using var cursor = scored.GetRowCursor(scored.Schema.Where(IsOutput));
        return Of(cursor);
    }

    internal static List<string> Of(DataViewRowCursor cursor) => Of(cursor, cursor.MoveNext);

    /// <summary>As a PredictionEngine scores: by the row mapper, a row at a time.</summary>
    internal static List<string> RowByRow(ITransformer model, IDataView data)
    {
        var mapper = model.GetRowToRowMapper(data.Schema);
        var outputs = mapper.OutputSchema.Where(IsOutput).ToList();
        using var input = data.GetRowCursor(mapper.GetDependencies(outputs));
        using var row = mapper.GetRow(input, outputs);
        return Of(row, input.MoveNext);
    }

    /// <summary>Reads a row that changes whenever <paramref name="moveNext"/> is called.</summary>
    internal static List<string> Of(DataViewRow row, Func<bool> moveNext)
    {
        var readers = row.Schema.Where(IsOutput).Select(column => Reader(row, column)).ToList();
        var lines = new List<string>();
        while (moveNext())
        {
            lines.Add(string.Join(' ', readers.Select(read => read())));
        }

        return lines;
    }

    internal static bool IsOutput(DataViewSchema.Column column)
        => column.Name is "Score" or "Probability" or "PredictedLabel" or "Quantiles" or "Interval" or "FeatureAttributions" or "FeatureContributions";

    private static Func<string> Reader(DataViewRow row, DataViewSchema.Column column) => column.Type.RawType switch
    {
        var type when type == typeof(float) => Reader<float>(row, column, Bits),
        var type when type == typeof(VBuffer<float>) => Reader<VBuffer<float>>(row, column, v => string.Join(',', v.DenseValues().Select(Bits))),
        var type when type == typeof(bool) => Reader<bool>(row, column, v => v ? "True" : "False"),
        var type when type == typeof(uint) => Reader<uint>(row, column, v => v.ToString(CultureInfo.InvariantCulture)),
        var type => throw new NotSupportedException($"{column.Name} is {type}."),
    };

    private static Func<string> Reader<T>(DataViewRow row, DataViewSchema.Column column, Func<T, string> write)
    {
        var getter = row.GetGetter<T>(column);
        return () =>
        {
            T value = default!;
            getter(ref value);
            return write(value);
        };
    }

    internal static string Bits(float value) => BitConverter.SingleToInt32Bits(value).ToString("X8", CultureInfo.InvariantCulture);
}
