using System.Text;

namespace Backprop.Cli.Report;

/// <summary>The axes of a chart as inline SVG, and where values lie between them.</summary>
/// <param name="Name"><c>wide</c> or <c>narrow</c>: the style shows one of them, by the screen's width, so that text keeps its size.</param>
/// <param name="Width">In the SVG's units.</param>
/// <param name="Height">In the SVG's units.</param>
/// <param name="X">The scale across.</param>
/// <param name="Y">The scale up.</param>
internal sealed record ChartFrame(string Name, int Width, int Height, Axis X, Axis Y)
{
    private const int Left = 52;
    private const int Right = 14;
    private const int Top = 14;
    private const int Bottom = 40;

    /// <summary>A chart in both widths, with what y is above and the legend below.</summary>
    /// <param name="yTitle">What y is, with its unit.</param>
    /// <param name="legend">CSS class and name of each key.</param>
    /// <param name="draw">Draws one of both widths: name, width, height, about how many marks x may have.</param>
    public static string Figure(string yTitle, IEnumerable<(string Class, string Name)> legend, Func<string, int, int, int, string> draw)
    {
        var keys = string.Concat(legend.Select(key => $"<span class=\"key {key.Class}\">{Html.Escape(key.Name)}</span>"));
        return $"<figure>\n<p class=\"axis-title\">{Html.Escape(yTitle)}</p>\n{draw("wide", 760, 300, 16)}{draw("narrow", 340, 240, 6)}"
            + $"<figcaption class=\"legend\">{keys}</figcaption>\n</figure>\n";
    }

    /// <summary>Where a value lies across.</summary>
    public double Across(double value) => Left + X.Share(value) * (Width - Left - Right);

    /// <summary>Where a value lies from the top.</summary>
    public double Down(double value) => Height - Bottom - Y.Share(value) * (Height - Top - Bottom);

    /// <summary>The whole SVG.</summary>
    /// <param name="summary">The chart in a sentence, for those who cannot see it.</param>
    /// <param name="xTitle">What x is, with its unit.</param>
    /// <param name="content">What is drawn between the axes.</param>
    public string Around(string summary, string xTitle, string content)
    {
        var svg = new StringBuilder();
        svg.Append($"<svg class=\"{Name}\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Html.Escape(summary)}\">\n");
        foreach (var (value, label) in Y.Marks)
        {
            var at = Html.Coordinate(Down(value));
            svg.Append($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{at}\" y2=\"{at}\"/>");
            svg.Append($"<text class=\"y\" x=\"{Left - 8}\" y=\"{at}\">{label}</text>\n");
        }

        foreach (var (value, label) in X.Marks)
        {
            svg.Append($"<text class=\"x\" x=\"{Html.Coordinate(Across(value))}\" y=\"{Height - Bottom + 18}\">{label}</text>\n");
        }

        svg.Append($"<line class=\"base\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Height - Bottom}\" y2=\"{Height - Bottom}\"/>\n");
        svg.Append($"<text class=\"x\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 4}\">{Html.Escape(xTitle)}</text>\n");
        return svg.Append(content).Append("</svg>\n").ToString();
    }

    /// <summary>A vertical line at a value, with its label.</summary>
    public string Mark(double x, string label)
    {
        var at = Html.Coordinate(Across(x));
        var (anchor, beside) = Across(x) > Width * 0.6 ? ("end", -6) : ("start", 6);
        return $"<line class=\"mark\" x1=\"{at}\" x2=\"{at}\" y1=\"{Top}\" y2=\"{Height - Bottom}\"/>"
            + $"<text x=\"{at}\" dx=\"{beside}\" y=\"{Top + 10}\" text-anchor=\"{anchor}\">{Html.Escape(label)}</text>\n";
    }

    /// <summary>A line through places.</summary>
    public string Polyline(string @class, IEnumerable<(double X, double Y)> points)
        => $"<polyline class=\"{@class}\" points=\""
            + string.Join(' ', points.Select(p => $"{Html.Coordinate(Across(p.X))},{Html.Coordinate(Down(p.Y))}")) + "\"/>\n";
}
