using Microsoft.ML.Data;

namespace Backprop.Cli.Data;

/// <summary>The label column's values as they are written, and where each stands.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Source">The file, for messages.</param>
/// <param name="Texts">One for each row, trimmed, none empty.</param>
/// <param name="Lines">The line of each.</param>
internal sealed record LabelTexts(string Column, string Source, IReadOnlyList<string> Texts, IReadOnlyList<int> Lines);

/// <summary>A CSV text in memory, checked.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Features">The columns asked for, in the order asked for.</param>
/// <param name="Label">The label column, or null when none was asked for.</param>
/// <param name="Unlabelled">Rows left out because their label is missing.</param>
internal sealed record CsvTable(int Rows, IReadOnlyList<TableColumn> Features, LabelTexts? Label, int Unlabelled)
{
    /// <summary>Stands for a missing text, so that it is a category like any other: ML.NET's one-hot encoding drops empty text.</summary>
    private const string MissingText = "(missing)";

    /// <summary>Reads the given columns, wherever the file has them, and leaves out rows without a label if there is to be one.</summary>
    /// <exception cref="InputException">A column or all rows are missing, or a value of a numeric column is text or infinite.</exception>
    public static CsvTable Read(CsvSource source, IReadOnlyList<CsvColumn> columns, CsvColumn? label, CancellationToken cancellation)
    {
        using var rows = source.Read();
        var labelIndex = label is null ? -1 : rows.IndexOf(label.Name);
        var readers = columns.Select(column => ColumnReader.Of(column, rows.IndexOf(column.Name))).ToList();
        var (labels, lines, count) = (new List<string>(), new List<int>(), 0);
        while (rows.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            if (label is not null)
            {
                var text = rows[labelIndex].Trim();
                if (label.IsMissing(text))
                {
                    continue;
                }

                labels.Add(Pooled(labels, text));
                lines.Add(rows.Line);
            }

            readers.ForEach(reader => reader.Read(rows));
            count++;
        }

        CsvColumns.RequireRows(rows.Row, source);
        if (count == 0)
        {
            throw new InputException(
                $"No row of {source.Name} has a value in its label column '{label?.Name}'. Give at least one that has.");
        }

        var labelTexts = label is null ? null : new LabelTexts(label.Name, source.Name, labels, lines);
        return new(count, [.. readers.Select(reader => reader.Column)], labelTexts, rows.Row - count);
    }

    /// <summary>Neighbouring rows often have equal labels; one string serves both.</summary>
    private static string Pooled(List<string> labels, ReadOnlySpan<char> text)
        => labels.Count > 0 && text.SequenceEqual(labels[^1]) ? labels[^1] : text.ToString();

    private abstract class ColumnReader
    {
        public abstract TableColumn Column { get; }

        public static ColumnReader Of(CsvColumn column, int index)
            => column.Kind == ColumnKind.Number ? new Numbers(column.Name, index) : new Words(column, index);

        public abstract void Read(CsvRows rows);
    }

    private sealed class Numbers(string name, int index) : ColumnReader
    {
        private readonly List<float> values = [];

        public override TableColumn Column => new TableColumn<float>(name, NumberDataViewType.Single, values);

        public override void Read(CsvRows rows)
        {
            if (!NumberText.TryParse(rows[index], out var number))
            {
                throw new InputException(
                    $"Column '{name}' is numeric, but {rows.Place} has '{rows[index]}'. Correct it, or leave it empty if it is missing.");
            }

            if (float.IsInfinity(number))
            {
                throw new InputException(
                    $"Column '{name}' is infinite ('{rows[index]}') in {rows.Place}. "
                    + "Numbers reach to 3.4e38: correct it, or leave it empty if it is missing.");
            }

            values.Add(number);
        }
    }

    private sealed class Words(CsvColumn column, int index) : ColumnReader
    {
        private readonly Dictionary<string, ReadOnlyMemory<char>> pool = [];
        private readonly List<ReadOnlyMemory<char>> values = [];

        public override TableColumn Column => new TableColumn<ReadOnlyMemory<char>>(column.Name, TextDataViewType.Instance, values);

        public override void Read(CsvRows rows)
        {
            var text = column.IsMissing(rows[index]) ? MissingText : rows[index];
            var pooled = pool.GetAlternateLookup<ReadOnlySpan<char>>();
            if (!pooled.TryGetValue(text, out var value))
            {
                value = text.ToString().AsMemory();
                pooled[text] = value;
            }

            values.Add(value);
        }
    }
}
