using System.Text;
using Backprop.Audit;

namespace Backprop.Cli.Report;

/// <summary>Where in a weight gradient the errors are: a picture with a cell for each block of elements, coloured by its worst.</summary>
internal static class HeatMap
{
    /// <summary>The picture; nothing where the tensor is no matrix or was not looked at.</summary>
    public static string Of(TensorAgreement tensor)
    {
        if (tensor.Spread is not { } spread || tensor.Rows == 1 || tensor.Columns == 1)
        {
            return "";
        }

        var map = spread.Map;
        var (rows, columns) = (map.Count, map[0].Length);
        var summary = $"Errors of the gradient of {tensor.Name}, {tensor.Rows} × {tensor.Columns}; "
            + $"the worst, {Readable.Number(tensor.WorstShare, 2)} of its bound, "
            + $"is at row {tensor.WorstRow}, column {tensor.WorstColumn}.";
        var svg = new StringBuilder();
        svg.Append($"<svg class=\"map\" viewBox=\"0 0 {columns} {rows}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{Html.Escape(summary)}\" ");
        svg.Append($"style=\"--columns:{columns};--rows:{rows}\"><title>{Html.Escape(summary)}</title>\n");
        foreach (var level in ErrorSpread.Levels)
        {
            var path = Runs(map, level);
            svg.Append(path.Length > 0 ? $"<path class=\"{ClassOf(level)}\" d=\"{path}\"/>\n" : "");
        }

        return $"<figure class=\"heat\">\n<figcaption>{Html.Escape($"{tensor.Name}, {tensor.Rows} × {tensor.Columns}")}"
            + (rows < tensor.Rows || columns < tensor.Columns ? $", a cell {Ratio(tensor.Rows, rows)} × {Ratio(tensor.Columns, columns)} elements" : "")
            + "</figcaption>\n"
            + $"{svg}</svg>\n</figure>\n";
    }

    /// <summary>What the colours are.</summary>
    public static string Legend()
    {
        var swatches = string.Concat(ErrorSpread.Levels[..^1].Select(level => $"<i class=\"{ClassOf(level)}\"></i>"));
        return "<p class=\"scale\"><span>a thousandth of the bound, or less</span> "
            + $"<span class=\"swatches\" aria-hidden=\"true\">{swatches}</span> <span>the bound (twofold a step)</span> "
            + $"<span class=\"swatches\" aria-hidden=\"true\"><i class=\"{ClassOf('x')}\"></i></span> <span>beyond</span></p>\n";
    }

    private static int Ratio(int elements, int cells) => (elements + cells - 1) / cells;

    private static string ClassOf(char level) => $"h{ErrorSpread.Levels.IndexOf(level)}";

    /// <summary>The cells of a level as a path, neighbours in a row as one piece.</summary>
    private static string Runs(IReadOnlyList<string> map, char level)
    {
        var path = new StringBuilder();
        for (var row = 0; row < map.Count; row++)
        {
            for (var column = 0; column < map[row].Length; column++)
            {
                var start = column;
                while (column < map[row].Length && map[row][column] == level)
                {
                    column++;
                }

                path.Append(column > start ? $"M{start} {row}h{column - start}v1h{start - column}z" : "");
            }
        }

        return path.ToString();
    }
}
