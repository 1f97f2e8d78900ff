namespace Backprop.Cli.Data;

/// <summary>The label column's values as they are written, and where each stands.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Source">The file, for messages.</param>
/// <param name="Numbers">How the file writes numbers.</param>
/// <param name="Texts">One for each row, trimmed, none empty.</param>
/// <param name="Lines">The line of each.</param>
internal sealed record LabelTexts(
    string Column, string Source, NumberText Numbers, IReadOnlyList<string> Texts, IReadOnlyList<int> Lines);

/// <summary>A CSV text in memory, checked.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Features">The columns asked for, in the order asked for.</param>
/// <param name="Labels">The label columns.</param>
/// <param name="Roles">Weight and group under the names of <see cref="ColumnNames"/>, as far as they were asked for.</param>
/// <param name="Unlabelled">Rows left out because a label is missing.</param>
/// <param name="Dialect">How the text is written, its delimiter known.</param>
internal sealed record CsvTable(
    int Rows,
    IReadOnlyList<TableColumn> Features,
    IReadOnlyList<LabelTexts> Labels,
    IReadOnlyList<TableColumn> Roles,
    int Unlabelled,
    CsvDialect Dialect)
{
    /// <summary>Reads the given columns, wherever the file has them, and leaves out rows without a label if there is to be one.</summary>
    /// <exception cref="InputException">A column or all rows are missing, or a value of a numeric column is text or infinite.</exception>
    public static CsvTable Read(CsvSource source, TableColumns columns, CancellationToken cancellation)
    {
        using var rows = source.Read();
        var labels = columns.Labels.Select(column => new LabelReader(column, rows.IndexOf(column.Name))).ToList();
        var features = columns.Features.Select(column => ColumnReader.Of(column, rows)).ToList();
        List<ColumnReader> roles = [.. Role(columns.Weight, ColumnNames.Weight), .. Role(columns.Group, ColumnNames.Group)];
        var (lines, unlabelled) = (new List<int>(), 0);
        while (rows.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            if (labels.Exists(label => label.IsMissing(rows)))
            {
                unlabelled++;
                continue;
            }

            labels.ForEach(label => label.Read(rows));
            features.ForEach(reader => reader.Read(rows));
            roles.ForEach(reader => reader.Read(rows));
            lines.Add(rows.Line);
        }

        CsvColumns.RequireRows(rows.Row, source);
        if (lines.Count == 0)
        {
            throw new InputException(NoLabel(source, columns.Labels.Select(label => label.Name)));
        }

        return new(
            lines.Count,
            [.. features.Select(reader => reader.Column)],
            [.. labels.Select(label => new LabelTexts(label.Name, source.Name, rows.Dialect.Numbers, label.Texts, lines))],
            [.. roles.Select(reader => reader.Column)],
            unlabelled,
            rows.Dialect);

        IEnumerable<ColumnReader> Role(CsvColumn? column, string name) => column is null ? [] : [ColumnReader.Of(column, rows, name)];
    }

    /// <summary>Says that there is nothing to learn.</summary>
    public static string NoLabel(CsvSource source, IEnumerable<string> labels)
        => $"No row of {source.Name} has a value in its label column '{string.Join("' and '", labels)}'. Give at least one that has.";

    private sealed class LabelReader(CsvColumn column, int index)
    {
        public string Name => column.Name;

        public List<string> Texts { get; } = [];

        public bool IsMissing(CsvRows rows) => column.IsMissing(rows[index]);

        /// <summary>Neighbouring rows often have equal labels; one string serves both.</summary>
        public void Read(CsvRows rows)
        {
            var text = rows[index].Trim();
            Texts.Add(Texts.Count > 0 && text.SequenceEqual(Texts[^1]) ? Texts[^1] : text.ToString());
        }
    }
}
