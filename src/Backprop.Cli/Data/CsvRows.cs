using Sylvan.Data.Csv;

namespace Backprop.Cli.Data;

/// <summary>The rows of a text of delimited values (RFC 4180, or a dialect of it), one after another, each with the line it starts on.</summary>
internal sealed class CsvRows : IDisposable
{
    private readonly CsvSource source;
    private readonly CsvDataReader csv;
    private int nextLine;

    /// <summary>Takes over a reader that stands before its first row, and checks the header.</summary>
    public CsvRows(CsvSource source, CsvDataReader csv, CsvDialect dialect)
    {
        (this.source, this.csv, Dialect) = (source, csv, dialect);
        Columns = [.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetName)];
        nextLine = 2 + Columns.Sum(name => name.Count(c => c == '\n'));
        for (var i = 0; i < Columns.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(Columns[i]))
            {
                throw new InputException(
                    $"Column {i + 1} of {source.Name} has no name in the header line. Name it, or leave the column out.");
            }
        }

        if (Columns.GroupBy(name => name).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new InputException($"{source.Name} has {twice.Count()} columns named '{twice.Key}'. Give each column a name of its own.");
        }
    }

    /// <summary>How the text is written, its delimiter known.</summary>
    public CsvDialect Dialect { get; }

    /// <summary>The header's names.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Where the current row is, for messages.</summary>
    public string Place => $"row {Row} (line {Line}) of {source.Name}";

    /// <summary>The current row's number, from 1, blank lines not counted.</summary>
    public int Row { get; private set; }

    /// <summary>The line the current row starts on, from 1 for the header.</summary>
    public int Line { get; private set; }

    /// <summary>A value of the current row, its quotes removed.</summary>
    public ReadOnlySpan<char> this[int column]
    {
        get
        {
            try
            {
                return csv.GetFieldSpan(column);
            }
            catch (CsvFormatException)
            {
                throw WrongQuotes();
            }
        }
    }

    /// <summary>The place of a column.</summary>
    /// <exception cref="InputException">There is none of that name; the message lists those there are.</exception>
    public int IndexOf(string column)
    {
        for (var i = 0; i < Columns.Count; i++)
        {
            if (Columns[i] == column)
            {
                return i;
            }
        }

        const int Listed = 30;
        var names = string.Join(", ", Columns.Take(Listed)) + (Columns.Count > Listed ? $" and {Columns.Count - Listed} more" : "");
        throw new InputException(Columns.Count == 1
            ? $"{source.Name} has no column '{column}'. Parted at {Dialect.DelimiterName}, its header line names one column: {names}. "
                + "Correct the name, or give another --delimiter."
            : $"{source.Name} has no column '{column}'. Its columns are: {names}.");
    }

    /// <summary>Goes to the next row that is not blank; false after the last.</summary>
    /// <exception cref="InputException">The row has more or fewer values than the header, or its quotes are wrong.</exception>
    public bool Read()
    {
        do
        {
            Line = nextLine;
            if (!ReadRecord())
            {
                return false;
            }

            nextLine += LineEnds(csv.GetRawRecordSpan());
        }
        while (csv.FieldCount > 1 && csv.RowFieldCount == 1 && csv.GetFieldSpan(0).IsWhiteSpace());

        Row++;
        return csv.RowFieldCount == csv.FieldCount
            ? true
            : throw new InputException(
                $"There are {csv.RowFieldCount} values in {Place}, but the header has {csv.FieldCount} columns. "
                + $"Correct the row, or quote values that hold {Dialect.DelimiterName}.");
    }

    /// <inheritdoc/>
    public void Dispose() => csv.Dispose();

    private bool ReadRecord()
    {
        try
        {
            return csv.Read();
        }
        catch (CsvRecordTooLargeException)
        {
            throw new InputException(
                $"The row that starts on line {Line} of {source.Name} is longer than 16 million characters. "
                + "Look there for a quote that is never closed.");
        }
        catch (CsvFormatException)
        {
            throw WrongQuotes();
        }
    }

    private InputException WrongQuotes() => new(
        $"The quotes of the row that starts on line {Line} of {source.Name} do not match. "
        + $"Close each {Dialect.Quote}, and write {Dialect.Quote}{Dialect.Quote} for a quote within quotes.");

    private static int LineEnds(ReadOnlySpan<char> record)
    {
        var ends = record.Count('\n');
        return ends > 0 ? ends : record.Count('\r');
    }
}
