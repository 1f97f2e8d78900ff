using System.Globalization;

namespace Backprop.Interop.Tests.Cli;

/// <summary>Small CSV files with everything that makes CSV files hard.</summary>
internal static class Samples
{
    /// <summary>Categories with a comma, quotes, a line end, spaces, and none.</summary>
    private static readonly string[] colours = ["red", "\"light, blue\"", "\"so-called \"\"green\"\"\"", "\"two\nlines\"", " grey ", ""];

    /// <summary>Feature columns in the order of <see cref="Rows"/>.</summary>
    internal const string Header = "size,weight,colour";

    /// <summary>A table whose label depends on all features.</summary>
    /// <param name="rows">How many rows.</param>
    /// <param name="seed">Which.</param>
    /// <param name="label">The label of a signal between about −3 and 3.</param>
    internal static string Of(int rows, int seed, Func<double, string> label)
        => $"{Header},label\n{string.Concat(Rows(rows, seed).Select(row => $"{row.Features},{label(row.Signal)}\n"))}";

    /// <summary>The features and the signal behind the label.</summary>
    internal static IEnumerable<(string Features, double Signal)> Rows(int rows, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < rows; i++)
        {
            var (size, weight, colour) = (2 * random.NextDouble() - 1, random.NextDouble(), random.Next(colours.Length));
            var missing = random.Next(10) == 0;
            var signal = size + (missing ? 1 : weight) + (colour % 2 == 0 ? 1 : -1);
            var weightText = missing ? random.Next(2) == 0 ? "" : "NaN" : weight.ToString("E3", CultureInfo.InvariantCulture);
            yield return ($"{size.ToString("R", CultureInfo.InvariantCulture)},{weightText},{colours[colour]}", signal);
        }
    }

    /// <summary>Two classes, neither of which is a number.</summary>
    internal static string YesNo(double signal) => signal > 0.5 ? "yes" : "no";

    /// <summary>Three classes, one of which needs quotes and escapes.</summary>
    internal static string Three(double signal) => signal < 0 ? "low" : signal < 1 ? "10" : "\"<high>, & \"\"dry\"\"\"";

    /// <summary>A number far from 0 and 1.</summary>
    internal static string Price(double signal) => (200_000 + 50_000 * signal).ToString("F1", CultureInfo.InvariantCulture);
}
