using Backprop.Cli.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Cli.Tasks;

/// <summary>Keeps a training file's dialect with the columns that a saved model says it takes.</summary>
internal static class SavedDialect
{
    private const string Annotation = "Backprop.CsvDialect";

    /// <summary>The columns, the first of which carries the dialect.</summary>
    public static DataViewSchema Add(DataViewSchema columns, CsvDialect dialect)
    {
        var kept = new DataViewSchema.Annotations.Builder();
        kept.Add(Annotation, TextDataViewType.Instance, (ref ReadOnlyMemory<char> text) => text = dialect.ToText().AsMemory());
        var schema = new DataViewSchema.Builder();
        foreach (var column in columns)
        {
            schema.AddColumn(column.Name, column.Type, column.Index == 0 ? kept.ToAnnotations() : null);
        }

        return schema.ToSchema();
    }

    /// <summary>The dialect the columns carry; the standard one where they carry none.</summary>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public static CsvDialect In(DataViewSchema columns)
    {
        if (columns[0].Annotations.Schema.GetColumnOrNull(Annotation) is null)
        {
            return CsvDialect.Standard;
        }

        ReadOnlyMemory<char> text = default;
        columns[0].Annotations.GetValue(Annotation, ref text);
        return CsvDialect.Parse(text.ToString());
    }
}
