using System.Text;
using Sylvan.Data.Csv;

namespace Backprop.Cli.Data;

/// <summary>A table as text that can be read more than once: a file, or one of this program's own samples.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Open">Opens it from the beginning.</param>
internal sealed record CsvSource(string Name, Func<Stream> Open)
{
    /// <summary>Stands in no text.</summary>
    private const char NoCharacter = '\0';

    /// <summary>How it is written.</summary>
    public CsvDialect Dialect { get; init; } = CsvDialect.Standard;

    /// <summary>The file of that path, in that dialect.</summary>
    public static CsvSource File(string path, CsvDialect dialect) => new($"'{path}'", () => OpenFile(path)) { Dialect = dialect };

    /// <summary>The bytes of the file of that path.</summary>
    /// <exception cref="InputException">There is no such file.</exception>
    public static FileStream OpenFile(string path)
    {
        if (Directory.Exists(path))
        {
            throw new InputException($"'{path}' is a folder. Name the file in it.");
        }

        if (!System.IO.File.Exists(path))
        {
            throw new InputException($"There is no file '{path}'. Check the path; it is taken from '{Environment.CurrentDirectory}'.");
        }

        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16, FileOptions.SequentialScan);
    }

    /// <summary>Starts to read: the header is read and checked.</summary>
    /// <exception cref="InputException">The text is empty, or a column has no name or a name twice.</exception>
    public CsvRows Read()
    {
        var dialect = Dialect.For(Open);
        var text = new StreamReader(Open(), Encoding.UTF8);
        try
        {
            var csv = CsvDataReader.Create(text, new CsvDataReaderOptions
            {
                CsvStyle = CsvStyle.Standard,
                Delimiter = dialect.Delimiter,
                Quote = dialect.Quote ?? NoCharacter,
                Escape = dialect.Quote ?? NoCharacter,
                Comment = NoCharacter, // '#' may begin a value
                ResultSetMode = ResultSetMode.SingleResult,
                MaxBufferSize = 1 << 24,
            });
            return new CsvRows(this, csv, dialect);
        }
        catch (CsvMissingHeadersException)
        {
            text.Dispose();
            throw new InputException($"{Name} is empty. Give a CSV file with a header line and at least one row.");
        }
        catch
        {
            text.Dispose();
            throw;
        }
    }
}
