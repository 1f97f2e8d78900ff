using System.Text;

namespace Backprop.Cli.Report;

/// <summary>A line of a chart.</summary>
/// <param name="Name">In the legend, plain text.</param>
/// <param name="Class">CSS class that gives its colour and dash: <c>first</c>, <c>second</c> or <c>limit</c>.</param>
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
    private const int Left = 52;
    private const int Right = 14;
    private const int Top = 14;
    private const int Bottom = 40;

    /// <summary>Whether x is any number and y on a linear scale.</summary>
    public bool Linear { get; init; }

    /// <summary>The chart for wide and for narrow screens (the style shows one), so that its text keeps its size; the legend.</summary>
    public string ToHtml()
    {
        var legend = string.Concat(Lines.Select(line => $"<span class=\"key {line.Class}\">{Html.Escape(line.Name)}</span>"));
        return $"<figure>\n<p class=\"axis-title\">{Html.Escape(YTitle)}</p>\n{Draw("wide", 760, 300, 16)}{Draw("narrow", 340, 240, 6)}"
            + $"<figcaption class=\"legend\">{legend}</figcaption>\n</figure>\n";
    }

    private string Draw(string name, int width, int height, int xMarks)
    {
        var points = Lines.SelectMany(l => l.Points).ToList();
        var (first, last) = (points.Min(p => p.X), points.Max(p => p.X));
        var x = Linear ? Axis.Linear(first, last, xMarks) : Axis.Counting((int)first, (int)last, xMarks);
        var y = Linear ? Axis.Linear(points.Min(p => p.Y), points.Max(p => p.Y), 6) : Axis.Logarithmic(points.Select(p => p.Y));
        double Across(double value) => Left + x.Share(value) * (width - Left - Right);
        double Down(double value) => height - Bottom - y.Share(value) * (height - Top - Bottom);

        var svg = new StringBuilder();
        svg.Append($"<svg class=\"{name}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{Html.Escape(Summary)}\">\n");
        foreach (var (value, label) in y.Marks)
        {
            var at = Html.Coordinate(Down(value));
            svg.Append($"<line class=\"grid\" x1=\"{Left}\" x2=\"{width - Right}\" y1=\"{at}\" y2=\"{at}\"/>");
            svg.Append($"<text class=\"y\" x=\"{Left - 8}\" y=\"{at}\">{label}</text>\n");
        }

        foreach (var (value, label) in x.Marks)
        {
            svg.Append($"<text class=\"x\" x=\"{Html.Coordinate(Across(value))}\" y=\"{height - Bottom + 18}\">{label}</text>\n");
        }

        svg.Append($"<line class=\"base\" x1=\"{Left}\" x2=\"{width - Right}\" y1=\"{height - Bottom}\" y2=\"{height - Bottom}\"/>\n");
        svg.Append($"<text class=\"x\" x=\"{(Left + width - Right) / 2}\" y=\"{height - 4}\">{Html.Escape(XTitle)}</text>\n");
        if (Mark is var (markX, markLabel))
        {
            var x1 = Html.Coordinate(Across(markX));
            var (anchor, beside) = Across(markX) > width * 0.6 ? ("end", -6) : ("start", 6);
            svg.Append($"<line class=\"mark\" x1=\"{x1}\" x2=\"{x1}\" y1=\"{Top}\" y2=\"{height - Bottom}\"/>");
            svg.Append($"<text x=\"{x1}\" dx=\"{beside}\" y=\"{Top + 10}\" text-anchor=\"{anchor}\">{Html.Escape(markLabel)}</text>\n");
        }

        foreach (var line in Lines)
        {
            var places = line.Points.Where(p => y.Shows(p.Y)).Select(p => $"{Html.Coordinate(Across(p.X))},{Html.Coordinate(Down(p.Y))}");
            svg.Append($"<polyline class=\"{line.Class}\" points=\"{string.Join(' ', places)}\"/>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }
}
