using Backprop.Audit;

namespace Backprop.Cli.Report;

/// <summary>How many elements are how far off, as shares of their bounds: ours filled, theirs as an outline.</summary>
internal static class ErrorHistogram
{
    /// <summary>The chart, and what is to be seen in it; nothing where no element was looked at.</summary>
    public static string Of(string subject, IReadOnlyList<ErrorSpread> spreads)
    {
        var (ours, theirs) = (Sum(spreads.Select(s => s.Ours)), Sum(spreads.Select(s => s.Theirs)));
        if (ours.Sum() == 0)
        {
            return "";
        }

        var beyond = $"{Beyond(ours)} of ours{(theirs.Sum() > 0 ? $" and {Beyond(theirs)} of libtorch's" : "")} beyond";
        var summary = $"Errors of the {Readable.Count(ours.Sum())} elements of {subject} as shares of their bounds. Half of ours are below {Median(ours)}"
            + $"{(theirs.Sum() > 0 ? $", half of libtorch's below {Median(theirs)}" : "")}; {beyond}.";
        List<(string, string)> legend = [("first filled", "this engine, float32")];
        if (theirs.Sum() > 0)
        {
            legend.Add(("second", "libtorch, float32"));
        }

        var chart = ChartFrame.Figure("share of the elements, %", legend,
            (name, width, height, marks) => Draw(summary, ours, theirs, name, width, height, marks));
        return $"<p>{Html.Escape(summary)}</p>\n{chart}";
    }

    private static string Draw(string summary, long[] ours, long[] theirs, string name, int width, int height, int marks)
    {
        // Bin i ends at 2^(i - Bins + 2); the empty ones on the left are left out.
        var from = Enumerable.Range(0, ErrorSpread.Bins).First(i => ours[i] + theirs[i] > 0);
        var highest = Math.Max(Shares(ours).Max(), Shares(theirs).Max());
        var frame = new ChartFrame(
            name, width, height, Axis.Doublings(EndOf(from) - 1, EndOf(ErrorSpread.Bins - 1), marks), Axis.Linear(0, highest * 1.15, 5));
        var bars = Enumerable.Range(from, ErrorSpread.Bins - from).Where(i => ours[i] > 0).Select(i =>
        {
            var (left, right, top) = (frame.Across(EndOf(i) - 1), frame.Across(EndOf(i)), frame.Down(Shares(ours)[i]));
            return $"<rect class=\"{(i == ErrorSpread.Bins - 1 ? "beyond" : "filled")}\" x=\"{Html.Coordinate(left + 0.5)}\" y=\"{Html.Coordinate(top)}\" "
                + $"width=\"{Html.Coordinate(right - left - 1)}\" height=\"{Html.Coordinate(frame.Down(0) - top)}\"/>\n";
        });
        var outline = theirs.Sum() == 0
            ? ""
            : frame.Polyline("second outline", Enumerable.Range(from, ErrorSpread.Bins - from)
                .SelectMany(i => new[] { (EndOf(i) - 1.0, Shares(theirs)[i]), (EndOf(i), Shares(theirs)[i]) }));
        return frame.Around(summary, "error as a share of the bound", $"{string.Concat(bars)}{outline}{frame.Mark(0, "the bound")}");
    }

    private static int EndOf(int bin) => bin + 2 - ErrorSpread.Bins;

    private static double[] Shares(long[] counts) => [.. counts.Select(count => 100.0 * count / Math.Max(1, counts.Sum()))];

    private static long[] Sum(IEnumerable<IReadOnlyList<int>> counts)
    {
        var sum = new long[ErrorSpread.Bins];
        foreach (var of in counts)
        {
            for (var i = 0; i < of.Count; i++)
            {
                sum[i] += of[i];
            }
        }

        return sum;
    }

    private static string Beyond(long[] counts) => counts[^1] == 0 ? "none" : Readable.Count(counts[^1]);

    /// <summary>The end of the bin that the median lies in.</summary>
    private static string Median(long[] counts)
    {
        var (seen, bin) = (0L, -1);
        while (2 * seen < counts.Sum())
        {
            seen += counts[++bin];
        }

        return bin == ErrorSpread.Bins - 1 ? "no bound" : Readable.PowerOfTwo(EndOf(bin));
    }
}
