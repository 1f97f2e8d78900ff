using Backprop.Cli.Data;

namespace Backprop.Cli.Tasks;

/// <summary>What the user should know of how feature columns were understood.</summary>
internal static class ColumnRemarks
{
    /// <summary>Of fewer rows, texts that all differ say nothing.</summary>
    private const int LeastIdentifiers = 20;

    /// <summary>A sentence for each column that is likely to surprise.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<CsvColumn> columns, CsvTable table, int hashBits)
        => columns.Zip(table.Features, (column, values) => Of(column, values, table, hashBits)).OfType<string>();

    private static string? Of(CsvColumn column, TableColumn values, CsvTable table, int hashBits)
    {
        if (column.OtherDecimalSign)
        {
            return $"Column '{column.Name}' is read as text, but would be numbers with a decimal {(table.Dialect.DecimalComma ? "point: leave out" : "comma: give")} --decimal-comma.";
        }

        var hashed = Featurisation.Hashes(values) ? $", hashed to {1 << hashBits:N0} inputs (--hash-bits {hashBits})" : "";
        return values.Categories == table.Rows && table.Rows >= LeastIdentifiers
            ? $"Column '{column.Name}' has another text in each row{hashed}: an identifier teaches nothing of new rows. Consider --ignore {column.Name}."
            : hashed.Length > 0 ? $"Column '{column.Name}' has {values.Categories:N0} different texts{hashed}."
            : null;
    }
}
