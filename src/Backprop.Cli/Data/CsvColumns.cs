using Microsoft.ML.Data;

namespace Backprop.Cli.Data;

/// <summary>What a column holds.</summary>
internal enum ColumnKind
{
    /// <summary>Numbers, or nothing.</summary>
    Number,

    /// <summary>Words that name categories.</summary>
    Text,
}

/// <summary>A column as the training file shows it.</summary>
/// <param name="Name">From the header.</param>
/// <param name="Kind">Number when every value that is there is one.</param>
internal sealed record CsvColumn(string Name, ColumnKind Kind)
{
    /// <summary>Whether the texts of a column would all be numbers if the decimal sign were the other one.</summary>
    public bool OtherDecimalSign { get; init; }

    /// <summary>The column without a row.</summary>
    public TableColumn Empty => Kind == ColumnKind.Number
        ? new TableColumn<float>(Name, NumberDataViewType.Single, [])
        : new TableColumn<ReadOnlyMemory<char>>(Name, TextDataViewType.Instance, []);

    /// <summary>Whether a value of this column stands for none: a word such as NA does so only among numbers.</summary>
    public bool IsMissing(ReadOnlySpan<char> value) => Kind == ColumnKind.Number ? NumberText.IsMissing(value) : value.IsWhiteSpace();
}

/// <summary>Finds out what the columns of a CSV text hold by reading all of it once.</summary>
internal static class CsvColumns
{
    /// <summary>The columns that hold something, in the header's order.</summary>
    /// <exception cref="InputException">There are no rows, or one is not as long as the header.</exception>
    public static IReadOnlyList<CsvColumn> Infer(CsvSource source, CancellationToken cancellation)
    {
        using var rows = source.Read();
        var seen = new Seen[rows.Columns.Count];
        while (rows.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            for (var i = 0; i < seen.Length; i++)
            {
                seen[i].Add(rows[i], rows.Dialect.Numbers);
            }
        }

        RequireRows(rows.Row, source);
        return
        [
            .. from i in Enumerable.Range(0, seen.Length)
               where seen[i].Something
               select new CsvColumn(rows.Columns[i], seen[i].Text ? ColumnKind.Text : ColumnKind.Number)
               {
                   OtherDecimalSign = seen[i].Text && !seen[i].OtherText,
               },
        ];
    }

    /// <summary>Refuses a text that ends after its header.</summary>
    public static void RequireRows(int rows, CsvSource source)
    {
        if (rows == 0)
        {
            throw new InputException($"{source.Name} has a header line but no rows. Give at least one row.");
        }
    }

    private struct Seen
    {
        /// <summary>Whether some value is there.</summary>
        public bool Something { get; private set; }

        /// <summary>Whether some value is no number.</summary>
        public bool Text { get; private set; }

        /// <summary>Whether some value is no number with the other decimal sign either.</summary>
        public bool OtherText { get; private set; }

        public void Add(ReadOnlySpan<char> value, NumberText numbers)
        {
            Something |= !NumberText.IsMissing(value);
            Text |= !Text && !numbers.TryParse(value, out _);
            OtherText |= !OtherText && !numbers.TryParse(value, out _) && !numbers.Other.TryParse(value, out _);
        }
    }
}
