using System.Globalization;

namespace Backprop.Cli;

/// <summary>Numbers as people read them, on the console and in files.</summary>
internal static class Readable
{
    /// <summary>A number to read, with that many significant digits; a tiny or huge one with a power of ten.</summary>
    public static string Number(double number, int digits = 3)
    {
        if (number == 0 || !double.IsFinite(number) || Math.Abs(number) is >= 1e-3 and < 1e6)
        {
            return number.ToString($"G{digits}", CultureInfo.InvariantCulture);
        }

        var parts = number.ToString($"E{digits - 1}", CultureInfo.InvariantCulture).Split('E');
        return $"{parts[0]}×10{Superscript(int.Parse(parts[1], CultureInfo.InvariantCulture))}";
    }

    /// <summary>The same of a number that may be absent: "none".</summary>
    public static string Number(double? number, int digits = 3) => number is { } known ? Number(known, digits) : "none";

    /// <summary>A whole number with separated thousands.</summary>
    public static string Count(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>10ⁿ for an axis.</summary>
    public static string PowerOfTen(int exponent) => exponent is 0 ? "1" : $"10{Superscript(exponent)}";

    /// <summary>2ⁿ, as a number where it is short.</summary>
    public static string PowerOfTwo(int exponent) => exponent is <= 0 and >= -3 ? (exponent == 0 ? "1" : $"1/{1 << -exponent}") : $"2{Superscript(exponent)}";

    private static string Superscript(int number)
        => string.Concat(number.ToString(CultureInfo.InvariantCulture).Select(c => c == '-' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c - '0']));
}
