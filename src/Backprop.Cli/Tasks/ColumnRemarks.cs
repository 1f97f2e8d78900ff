using Backprop.Cli.Data;

namespace Backprop.Cli.Tasks;

/// <summary>What the user should know of how feature columns were understood.</summary>
internal static class ColumnRemarks
{
    /// <summary>Of fewer rows, texts that all differ say nothing.</summary>
    private const int LeastIdentifiers = 20;

    /// <summary>A sentence for each column that is likely to surprise.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="table">Their values.</param>
    /// <param name="hashBits">Inputs of a text column of many values, as a power of 2; null where none is hashed.</param>
    public static IEnumerable<string> Of(IReadOnlyList<CsvColumn> columns, CsvTable table, int? hashBits)
        => columns.Zip(table.Features, (column, values) => Of(column, values, table, hashBits)).OfType<string>();

    private static string? Of(CsvColumn column, TableColumn values, CsvTable table, int? hashBits)
    {
        if (column.OtherDecimalSign)
        {
            return $"Column '{column.Name}' is read as text, "
                + $"but would be numbers with a decimal {(table.Dialect.DecimalComma ? "point: leave out" : "comma: give")} --decimal-comma.";
        }

        var hashed = hashBits is { } bits && Featurisation.Hashes(values) ? $", hashed to {1 << bits:N0} inputs (--hash-bits {bits})" : "";
        return values.Categories == table.Rows && table.Rows >= LeastIdentifiers
            ? $"Column '{column.Name}' has another text in each row{hashed}: an identifier teaches nothing of new rows. Consider --ignore {column.Name}."
            : hashed.Length > 0 ? $"Column '{column.Name}' has {values.Categories:N0} different texts{hashed}."
            : null;
    }
}
