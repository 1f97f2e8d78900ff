using System.Globalization;

namespace Backprop.Cli.Data;

/// <summary>Numbers as CSV files write them, with a decimal point or a decimal comma; NaN for a missing one.</summary>
internal sealed class NumberText
{
    private static readonly string[] missing = ["", "NaN", "NA", "N/A", "null", "?"];

    private readonly bool comma;

    private NumberText(bool comma) => this.comma = comma;

    /// <summary>1234.5.</summary>
    public static NumberText Point { get; } = new(comma: false);

    /// <summary>1234,5 or 1.234,5.</summary>
    public static NumberText Comma { get; } = new(comma: true);

    /// <summary>That with the other decimal sign.</summary>
    public NumberText Other => comma ? Point : Comma;

    /// <summary>Whether a numeric column's value stands for none.</summary>
    public static bool IsMissing(ReadOnlySpan<char> text) => Among(text.Trim(), missing);

    /// <summary>Reads a number, an infinity in any usual spelling, or NaN for a missing value; false for other text.</summary>
    public bool TryParse(ReadOnlySpan<char> text, out float number)
    {
        text = text.Trim();
        if (Among(text, missing))
        {
            number = float.NaN;
            return true;
        }

        if (comma ? DecimalComma.TryParse(text, out number) : float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number))
        {
            return true;
        }

        number = text.StartsWith('-') ? float.NegativeInfinity : float.PositiveInfinity;
        return text.TrimStart("+-").Equals("inf", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The shortest text that reads back as the same bits.</summary>
    public string Write(float number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        return comma ? text.Replace('.', ',') : text;
    }

    private static bool Among(ReadOnlySpan<char> text, string[] words)
    {
        foreach (var word in words)
        {
            if (text.Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
