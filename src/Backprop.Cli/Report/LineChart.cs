namespace Backprop.Cli.Report;

/// <summary>A line of a chart.</summary>
/// <param name="Name">In the legend, plain text.</param>
/// <param name="Class">CSS class that gives its colour and dash: <c>first</c>, <c>second</c>, <c>third</c>, <c>fourth</c> or <c>limit</c>.</param>
/// <param name="Points">By ascending x.</param>
internal sealed record Line(string Name, string Class, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Lines over whole numbers (epochs, steps) on a logarithmic scale, or over any numbers on a linear one, as inline SVG.</summary>
/// <param name="Summary">The chart in a sentence, for those who cannot see it.</param>
/// <param name="XTitle">What x is, with its unit.</param>
/// <param name="YTitle">What y is, with its unit.</param>
/// <param name="Lines">At least one.</param>
/// <param name="Mark">An x to mark, with its label; null for none.</param>
internal sealed record LineChart(
    string Summary, string XTitle, string YTitle, IReadOnlyList<Line> Lines, (double X, string Label)? Mark = null)
{
    /// <summary>Whether x is any number and y on a linear scale.</summary>
    public bool Linear { get; init; }

    /// <summary>The chart and its legend.</summary>
    public string ToHtml() => ChartFrame.Figure(YTitle, Lines.Select(line => (line.Class, line.Name)), Draw);

    private string Draw(string name, int width, int height, int xMarks)
    {
        var points = Lines.SelectMany(l => l.Points).ToList();
        var (first, last) = (points.Min(p => p.X), points.Max(p => p.X));
        var x = Linear ? Axis.Linear(first, last, xMarks) : Axis.Counting((int)first, (int)last, xMarks);
        var y = Linear ? Axis.Linear(points.Min(p => p.Y), points.Max(p => p.Y), 6) : Axis.Logarithmic(points.Select(p => p.Y));
        var frame = new ChartFrame(name, width, height, x, y);
        var mark = Mark is var (at, label) ? frame.Mark(at, label) : "";
        var lines = Lines.Select(line => frame.Polyline(line.Class, line.Points.Where(p => y.Shows(p.Y))));
        return frame.Around(Summary, XTitle, $"{mark}{string.Concat(lines)}");
    }
}
