using System.Globalization;

namespace Backprop.Cli.Data;

/// <summary>Numbers as CSV files write them: invariant culture, NaN for a missing one.</summary>
internal static class NumberText
{
    private static readonly string[] missing = ["", "NaN", "NA", "N/A", "null", "?"];

    /// <summary>Whether a numeric column's value stands for none.</summary>
    public static bool IsMissing(ReadOnlySpan<char> text) => Among(text.Trim(), missing);

    /// <summary>Reads a number, an infinity in any usual spelling, or NaN for a missing value; false for other text.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out float number)
    {
        text = text.Trim();
        if (Among(text, missing))
        {
            number = float.NaN;
            return true;
        }

        if (float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number))
        {
            return true;
        }

        number = text.StartsWith('-') ? float.NegativeInfinity : float.PositiveInfinity;
        return text.TrimStart("+-").Equals("inf", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The shortest text that reads back as the same bits.</summary>
    public static string Write(float number) => number.ToString("R", CultureInfo.InvariantCulture);

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
