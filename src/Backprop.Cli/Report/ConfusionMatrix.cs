using System.Text;
using Backprop.Cli.Tasks;

namespace Backprop.Cli.Report;

/// <summary>True against predicted classes: a shaded table, or the commonest mistakes where a table would not fit a page.</summary>
internal static class ConfusionMatrix
{
    private const int MostClasses = 30;

    /// <summary>The section.</summary>
    public static Section Of(ConfusionCounts confusion)
        => new("confusion", "Confusion matrix", confusion.Classes.Count <= MostClasses ? Table(confusion) : Mistakes(confusion));

    private static string Table(ConfusionCounts confusion)
    {
        var html = new StringBuilder(HtmlTable.Open("Test rows by true class (down) and predicted class (across)", "confusion"));
        html.Append("<thead><tr><td></td>");
        html.Append(string.Concat(confusion.Classes.Select(name => $"<th scope=\"col\">{Html.Escape(name)}</th>")));
        html.Append("</tr></thead>\n<tbody>\n");
        for (var truth = 0; truth < confusion.Classes.Count; truth++)
        {
            var rows = confusion.Counts[truth].Sum();
            html.Append($"<tr><th scope=\"row\">{Html.Escape(confusion.Classes[truth])}</th>");
            for (var predicted = 0; predicted < confusion.Classes.Count; predicted++)
            {
                html.Append(Count(confusion.Counts[truth][predicted], rows, truth == predicted));
            }

            html.Append("</tr>\n");
        }

        const string Note = "<p class=\"note\">A cell is the stronger in colour the larger its share of its row; mistakes are red.</p>\n";
        return html.Append(HtmlTable.Close).Append(Note).ToString();
    }

    private static string Count(double count, double ofRow, bool right)
    {
        if (count == 0)
        {
            return "<td class=\"none\">0</td>";
        }

        // A single mistake among many must still be seen: mistakes start at a fifth of the full shade.
        var share = right ? count / ofRow : 0.2 + 0.8 * count / ofRow;
        return $"<td class=\"{(right ? "right" : "wrong")}\" style=\"--share:{Html.Coordinate(100 * share)}%\">{Readable.Count(count)}</td>";
    }

    private static string Mistakes(ConfusionCounts confusion)
    {
        var mistakes = from truth in Enumerable.Range(0, confusion.Classes.Count)
                       from predicted in Enumerable.Range(0, confusion.Classes.Count)
                       let count = confusion.Counts[truth][predicted]
                       where truth != predicted && count > 0
                       orderby count descending
                       select (IReadOnlyList<Cell>)
                       [
                           Cell.Text(confusion.Classes[truth]), Cell.Text(confusion.Classes[predicted]), Cell.Number(Readable.Count(count)),
                       ];
        var caption = $"The {MostClasses} commonest mistakes among {confusion.Classes.Count} classes";
        return HtmlTable.Of(caption, ["True", "Predicted", "Rows"], [.. mistakes.Take(MostClasses)]);
    }
}
