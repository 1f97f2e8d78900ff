using System.CommandLine;
using Backprop.Cli.Data;

namespace Backprop.Cli.Commands;

/// <summary>How the CSV files are written.</summary>
internal sealed class DialectChoices
{
    private const string NoQuote = "none";

    private readonly Option<char?> delimiter = Choices.Parsed<char?>(
        "--delimiter", "C|tab", "Between values: a character or 'tab'; by default what the header line shows, of comma, semicolon, tab and pipe.", Delimiter);

    private readonly Option<char?> quote = Choices.Parsed<char?>(
        "--quote", $"C|{NoQuote}", $"Around values that hold a delimiter; \" by default, '{NoQuote}' if quotes mean nothing.", Quote);

    private readonly Option<bool?> decimalComma = Choices.Flag("--decimal-comma", "Numbers are written 1234,5 or 1.234,5.");

    /// <summary>Adds the options.</summary>
    public DialectChoices(Command command)
    {
        command.Add(delimiter);
        command.Add(quote);
        command.Add(decimalComma);
    }

    /// <summary>What was given; the rest as usual.</summary>
    /// <exception cref="InputException">Delimiter and quote are the same.</exception>
    public CsvDialect Read(ParseResult parsed, CsvDialect usual)
    {
        var dialect = new CsvDialect(
            parsed.GetValue(delimiter) ?? usual.Delimiter,
            parsed.GetValue(quote) is { } given ? given == default(char) ? null : given : usual.Quote,
            parsed.GetValue(decimalComma) ?? usual.DecimalComma);
        return dialect.Delimiter is { } character && character == dialect.Quote
            ? throw new InputException($"--delimiter and --quote are both '{character}'. Give two different characters.")
            : dialect;
    }

    private static char? Delimiter(string text)
        => text is "tab" or @"\t" ? '\t' : Character("--delimiter", text, "one character such as ;, or 'tab'");

    /// <summary>The character, or 0 for none.</summary>
    private static char? Quote(string text) => text == NoQuote ? default(char) : Character("--quote", text, $"one character such as ', or '{NoQuote}'");

    /// <summary>Letters, digits and signs stand in values; the reader takes ASCII.</summary>
    private static char Character(string name, string text, string wanted)
        => text is [var character] && char.IsAscii(character) && !char.IsAsciiLetterOrDigit(character)
            && (!char.IsControl(character) || character == '\t') && character is not ('+' or '-' or '.')
            ? character
            : throw Choices.Wrong(name, text, $"{wanted}, no letter, digit, sign or point");
}
