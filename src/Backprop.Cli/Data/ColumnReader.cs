using Microsoft.ML.Data;

namespace Backprop.Cli.Data;

/// <summary>Collects the values of a column, row by row.</summary>
internal abstract class ColumnReader
{
    /// <summary>What was collected.</summary>
    public abstract TableColumn Column { get; }

    /// <summary>Reads a column of its kind.</summary>
    /// <param name="column">Which.</param>
    /// <param name="rows">The text.</param>
    /// <param name="name">What the collected column is called; null for the same.</param>
    public static ColumnReader Of(CsvColumn column, CsvRows rows, string? name = null)
    {
        var index = rows.IndexOf(column.Name);
        name ??= column.Name;
        return column.Kind == ColumnKind.Number ? new NumberReader(column, index, name) : new WordReader(column, index, name);
    }

    /// <summary>Takes the value of the row the text stands at.</summary>
    /// <exception cref="InputException">The value is not of the column's kind.</exception>
    public abstract void Read(CsvRows rows);

    private sealed class NumberReader(CsvColumn column, int index, string name) : ColumnReader
    {
        private readonly List<float> values = [];
        private bool missing;

        public override TableColumn Column => new TableColumn<float>(name, NumberDataViewType.Single, values) { HasMissing = missing };

        public override void Read(CsvRows rows)
        {
            if (!rows.Dialect.Numbers.TryParse(rows[index], out var number))
            {
                throw new InputException(
                    $"Column '{column.Name}' is numeric, but {rows.Place} has '{rows[index]}'. Correct it, or leave it empty if it is missing.");
            }

            if (float.IsInfinity(number))
            {
                throw new InputException(
                    $"Column '{column.Name}' is infinite ('{rows[index]}') in {rows.Place}. "
                    + "Numbers reach to 3.4e38: correct it, or leave it empty if it is missing.");
            }

            missing |= float.IsNaN(number);
            values.Add(number);
        }
    }

    private sealed class WordReader(CsvColumn column, int index, string name) : ColumnReader
    {
        /// <summary>Stands for a missing text, so that it is a category like any other: ML.NET's one-hot encoding drops empty text.</summary>
        private const string MissingText = "(missing)";

        private readonly Dictionary<string, ReadOnlyMemory<char>> pool = [];
        private readonly List<ReadOnlyMemory<char>> values = [];

        public override TableColumn Column
            => new TableColumn<ReadOnlyMemory<char>>(name, TextDataViewType.Instance, values) { Categories = pool.Count };

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
