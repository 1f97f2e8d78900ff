using System.Globalization;
using System.Text.Json.Nodes;
using Backprop.Comparisons.Measuring;

namespace Backprop.Comparisons.Quick;

/// <summary>Outcomes of one bench as a table in Markdown, aligned so that a console shows it well too; columns without a value are left out.</summary>
internal static class Table
{
    /// <summary>What the columns mean, for readers of a file.</summary>
    public const string Legend =
        "A time is the median of the turns, at the number of threads (thr.) where it is shortest; of functions, for one element. A ratio is the other library's time over the "
        + "engine's: above 1 the engine is faster. GFLOP/s counts the multiplications and additions of matrix products; the share of the peak is "
        + "relative to fused multiply-adds measured in the same rounds, on as many cores. Backward/forward is (step − forward pass) / forward pass on "
        + "one thread, the update included. Bytes are managed memory allocated by one run of the engine. Spread is the widest interquartile "
        + "range of the times that make the ratios, relative to its median: rows with a wide one are rough.";

    /// <summary>Writes the table.</summary>
    public static void Write(TextWriter output, IReadOnlyList<Outcome> outcomes)
    {
        var columns = Columns(outcomes).Select(column => (string[])[column.Header, .. outcomes.Select(outcome => column.Value(outcome) ?? "")])
            .Where(cells => cells.Skip(1).Any(cell => cell.Length > 0)).ToList();
        var widths = columns.Select(cells => cells.Max(cell => cell.Length)).ToList();
        for (var row = 0; row <= outcomes.Count; row++)
        {
            output.WriteLine($"| {string.Join(" | ", columns.Select((cells, c) => c == 0 ? cells[row].PadRight(widths[c]) : cells[row].PadLeft(widths[c])))} |");
            if (row == 0)
            {
                output.WriteLine($"|{string.Join("|", widths.Select((width, c) => new string('-', width + (c == 0 ? 2 : 1)) + (c == 0 ? "" : ":")))}|");
            }
        }

        foreach (var missing in outcomes.SelectMany(outcome => outcome.Missing).Distinct())
        {
            output.WriteLine();
            output.WriteLine(missing);
        }
    }

    private static IEnumerable<(string Header, Func<Outcome, string?> Value)> Columns(IReadOnlyList<Outcome> outcomes) =>
    [
        (outcomes[0].Case.Bench, o => o.Case.Name),
        ("engine", o => Time(o, o.Ours)),
        ("on 1 thr.", o => o.On(Library.Engine, 1) is { } one && one != o.Ours ? Time(o, one) : null),
        ("rows/s", o => Text(o.Case.RowsPerSecond(o.Ours.Timing.Median), "N0")),
        ("GFLOP/s", o => Text(o.Gflops, "F1")),
        ("of peak", o => Text(o.ShareOfPeak, "P0")),
        ("of peak, 1 thr.", o => o.Ours.Entrant.Threads > 1 ? Text(o.ShareOfPeakOneThread, "P0") : null),
        .. outcomes.SelectMany(o => o.Others).Distinct().SelectMany(Against),
        .. outcomes.SelectMany(o => o.Extras.Select(extra => extra.Key)).Distinct()
            .Select(name => (name, (Func<Outcome, string?>)(o => o.Extras[name] is JsonValue value ? Text(value.GetValue<double>(), "G4") : null))),
        ("backward/forward", o => Text(o.BackwardForward, "F2")),
        ("bytes", o => Text(o.Ours.Timing.AllocatedBytes, "N0")),
        ("spread", o => Text(o.Spread, "P0")),
    ];

    private static IEnumerable<(string Header, Func<Outcome, string?> Value)> Against(Library other) =>
    [
        ($"{other.Name}, 1 thr.", o => o.On(other, 1) is { } one && one != o.Best(other) ? Time(o, one) : null),
        ("ratio", o => o.On(other, 1) is { } one && one != o.Best(other) ? Text(o.Ratio(one), "F2") : null),
        ($"{other.Name} at best", o => Time(o, o.Best(other))),
        ("ratio", o => Text(o.Ratio(o.Best(other)), "F2")),
    ];

    private static string? Time(Outcome outcome, Line? line)
    {
        if (line is null)
        {
            return null;
        }

        var median = line.Timing.Median;
        var time = outcome.Case.NanosecondsPerElement(median) is { } nanoseconds ? $"{Text(nanoseconds, "F3")} ns"
            : median < 1e5 ? $"{Text(median, median < 100 ? "F2" : "N0")} µs"
            : $"{Text(median / 1e3, "N0")} ms";
        return outcome.Lines.Any(l => l.Entrant.Threads > 1) ? $"{time}, {line.Entrant.Threads} thr." : time;
    }

    private static string? Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture);
}
