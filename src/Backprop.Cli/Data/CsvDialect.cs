using System.Globalization;

namespace Backprop.Cli.Data;

/// <summary>How a text writes its tables.</summary>
/// <param name="Delimiter">Between values; null for what the header line shows.</param>
/// <param name="Quote">Around values that hold a delimiter, a quote (then doubled) or a line end; null where quotes mean nothing.</param>
/// <param name="DecimalComma">Whether 1234.5 is written 1234,5 or 1.234,5.</param>
internal sealed record CsvDialect(char? Delimiter, char? Quote, bool DecimalComma)
{
    /// <summary>Delimiters that a header line can show, the likeliest first.</summary>
    public const string Delimiters = ",;\t|";

    private const char None = '-';

    /// <summary>Double quotes, numbers with a point.</summary>
    public static CsvDialect Standard { get; } = new(null, '"', DecimalComma: false);

    /// <summary>How numbers are read and written.</summary>
    public NumberText Numbers => DecimalComma ? NumberText.Comma : NumberText.Point;

    /// <summary>The delimiter in words, for messages.</summary>
    public string DelimiterName => Delimiter switch
    {
        null => "the header's delimiter",
        ',' => "commas",
        ';' => "semicolons",
        '\t' => "tabs",
        '|' => "pipes",
        ' ' => "spaces",
        var other => $"'{other}'",
    };

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It did not.</exception>
    public static CsvDialect Parse(string text)
    {
        static char? Character(string code) => code is [None] ? null : (char)int.Parse(code, NumberStyles.None, CultureInfo.InvariantCulture);
        return text.Split(' ') is [var delimiter, var quote, "point" or "comma"]
            ? new(Character(delimiter), Character(quote), text.EndsWith("comma", StringComparison.Ordinal))
            : throw new InvalidDataException($"'{text}' is no dialect of CSV files");
    }

    /// <summary>As a saved model keeps it: the codes of both characters, and the decimal sign.</summary>
    public string ToText()
    {
        static string Code(char? character) => character is { } some ? $"{(int)some}" : $"{None}";
        return $"{Code(Delimiter)} {Code(Quote)} {(DecimalComma ? "comma" : "point")}";
    }

    /// <summary>The same with the delimiter that the text's header line shows, if none was given.</summary>
    public CsvDialect For(Func<Stream> open) => Delimiter is null ? this with { Delimiter = HeaderDelimiter.Of(open, this) } : this;

    /// <summary>A value as it is written, in quotes if it needs them.</summary>
    /// <exception cref="InputException">It needs quotes, and there are none.</exception>
    public string Write(string value)
    {
        if (value.AsSpan().IndexOfAny([Delimiter ?? ',', Quote ?? '\n', '\r', '\n']) < 0)
        {
            return value;
        }

        return Quote is { } quote
            ? $"{quote}{value.Replace($"{quote}", $"{quote}{quote}")}{quote}"
            : throw new InputException($"'{value}' cannot be written without quotes, since it holds a delimiter or a line end. Give --quote.");
    }
}
