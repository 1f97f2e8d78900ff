using System.Globalization;

namespace Backprop.Cli.Data;

/// <summary>Numbers such as 1234,5 and 1.234,5.</summary>
internal static class DecimalComma
{
    /// <summary>Longer texts are not taken for numbers.</summary>
    private const int MaxLength = 64;

    private const int GroupDigits = 3;

    /// <summary>Reads a number whose points, if any, part groups of three digits.</summary>
    /// <remarks>.NET's own parser, allowed thousands, takes 1.5 for 15, where somebody has probably written one and a half.</remarks>
    public static bool TryParse(ReadOnlySpan<char> text, out float number)
    {
        Span<char> rewritten = stackalloc char[MaxLength];
        return float.TryParse(WithPoint(text, rewritten), NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The number with a decimal point; an empty text, which is no number, where its points are out of place.</summary>
    private static ReadOnlySpan<char> WithPoint(ReadOnlySpan<char> text, Span<char> rewritten)
    {
        if (text.Length > rewritten.Length)
        {
            return [];
        }

        var (length, digits, grouped, whole) = (0, 0, false, true);
        foreach (var character in text)
        {
            if (character == '.')
            {
                if (!whole || digits is 0 or > GroupDigits || (grouped && digits != GroupDigits))
                {
                    return [];
                }

                (grouped, digits) = (true, 0);
                continue;
            }

            if (whole && character is (',' or 'e' or 'E'))
            {
                if (grouped && digits != GroupDigits)
                {
                    return [];
                }

                whole = false;
            }

            digits += char.IsAsciiDigit(character) ? 1 : 0;
            rewritten[length++] = character == ',' ? '.' : character;
        }

        return whole && grouped && digits != GroupDigits ? [] : rewritten[..length];
    }
}
