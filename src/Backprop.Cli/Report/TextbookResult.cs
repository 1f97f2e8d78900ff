using Backprop.Cli.Textbook;

namespace Backprop.Cli.Report;

/// <summary>All that <c>textbook</c> found, its checks, and its report.</summary>
internal sealed record TextbookResult(SineFit Fit, IReadOnlyList<PathCount> Counts, IReadOnlyList<XorSeeds> Learned)
{
    /// <summary>Each claim, with what was found.</summary>
    public IReadOnlyList<Tile> Checks =>
    [
        new("Sine", Readable.Number(Fit.Worst), $"largest error, to be below {Readable.Number(SineFit.Bound)}", Fit.Holds),
        new(
            "Gradient",
            $"{Readable.Count(Counts[^1].Edges)} edges",
            $"instead of {Readable.Count(Counts[^1].Paths)} paths",
            Counts.All(count => count.Holds)),
        new(
            "Exclusive or",
            $"{Learned.Max(found => found.Seeds.Count)} of {XorSeeds.Tried}",
            $"seeds get there, by the best network; {Learned.Count(found => found.Holds)} of {Learned.Count} networks as expected",
            Learned.All(found => found.Holds)),
    ];

    /// <summary>Whether every claim holds.</summary>
    public bool Passed => Checks.All(check => check.Good != false);

    /// <summary>Writes the page.</summary>
    public void WriteReport(Stream stream) => Page.Write(
        stream,
        "Claims of a textbook, tried",
        "Goodfellow, Bengio and Courville, Deep Learning, chapter 6: feedforward networks.",
        Checks,
        [
            Sine(Fit),
            Paths(Counts),
            Seeds(Learned),
            new("about", "Versions and machine", HtmlTable.Of(
                "What this run was made of", ["What", "Value"], Rows(Machine.Facts, fact => [Cell.Text(fact.Name), Cell.Words(fact.Value)]))),
        ]);

    private static Section Sine(SineFit sine)
    {
        var summary = $"A sine from −π to π by one hidden layer of {SineFit.Network}. The largest error is {Readable.Number(sine.Worst)}.";
        List<(double X, double Y)> shown = [.. sine.Points.Where((_, i) => i % 10 == 0)];
        Line[] lines = [new("the network", "first", shown), new("sin x", "second", [.. shown.Select(p => (p.X, Math.Sin(p.X)))])];
        Line[] errors = [new("network − sin x", "first", [.. sine.Points.Select(p => (p.X, p.Y - Math.Sin(p.X)))])];
        var both = new LineChart(summary, "x", "value", lines) { Linear = true };
        var error = new LineChart("The network's value less the sine.", "x", "error", errors) { Linear = true };
        return new("sine", "A sine by one hidden layer", $"<p>{Html.Escape(summary)}</p>\n{both.ToHtml()}{error.ToHtml()}");
    }

    private static Section Paths(IReadOnlyList<PathCount> paths)
    {
        const string Summary = "A chain of k nodes, each of which takes the one before it three times. Back-propagation visits each edge once; "
            + "a recursion that remembers nothing visits each path.";
        Line Of(string name, string tone, Func<PathCount, double> count) => new(name, tone, [.. paths.Select(p => ((double)p.Length, count(p)))]);
        var chart = new LineChart(Summary, "k", "visited (logarithmic)", [Of("edges", "first", p => p.Edges), Of("paths", "second", p => p.Paths)]);
        var table = HtmlTable.Of("Edges and paths visited", ["k", "Edges", "Paths", "Gradient"], Rows(paths, p =>
            [Cell.Number($"{p.Length}"), Cell.Number(Readable.Count(p.Edges)), Cell.Number(Readable.Count(p.Paths)), Cell.Number(Readable.Count(p.Gradient))]));
        return new("paths", "Edges, not paths", $"<p>{Html.Escape(Summary)}</p>\n{chart.ToHtml()}{table}");
    }

    private static Section Seeds(IReadOnlyList<XorSeeds> seeds)
        => new("seeds", "Exclusive or from random weights", HtmlTable.Of(
            $"Seeds from 1 to {XorSeeds.Tried} whose loss is below {Readable.Number(XorSeeds.Bound)} after {XorSeeds.Steps} steps of Adam; "
                + "the same on every machine",
            ["Network", "Activation", "Expected", "Seeds", "Which"],
            Rows(seeds, s =>
            [
                Cell.Text($"{s.Network}"), Cell.Text($"{s.Network.Activation}"),
                Cell.Number($"{s.Expected}"), Cell.Number($"{s.Seeds.Count}"), Cell.Words(s.SeedsInWords),
            ])));

    private static IReadOnlyList<IReadOnlyList<Cell>> Rows<TRow>(IEnumerable<TRow> rows, Func<TRow, IReadOnlyList<Cell>> cells) => [.. rows.Select(cells)];
}
