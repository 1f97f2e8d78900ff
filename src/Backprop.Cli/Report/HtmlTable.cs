using System.Text;

namespace Backprop.Cli.Report;

/// <summary>A cell.</summary>
/// <param name="Content">HTML.</param>
/// <param name="Class">CSS classes: <c>number</c>, <c>good</c>, <c>bad</c>, <c>unsure</c>.</param>
internal readonly record struct Cell(string Content, string Class = "")
{
    /// <summary>Plain text.</summary>
    public static Cell Text(string text) => new(Html.Escape(text));

    /// <summary>A number, aligned right.</summary>
    public static Cell Number(string number) => new(Html.Escape(number), "number");
}

/// <summary>A table that scrolls in a box of its own where the page is narrower.</summary>
internal static class HtmlTable
{
    /// <summary>Writes a table whose first column names the rows.</summary>
    public static string Of(string caption, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<Cell>> rows)
    {
        var html = new StringBuilder();
        html.Append($"<div class=\"scroll\" role=\"region\" aria-label=\"{Html.Escape(caption)}\" tabindex=\"0\"><table>\n<caption>{Html.Escape(caption)}</caption>\n<thead><tr>");
        foreach (var column in columns)
        {
            html.Append($"<th scope=\"col\">{Html.Escape(column)}</th>");
        }

        html.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in rows)
        {
            html.Append($"<tr><th scope=\"row\">{row[0].Content}</th>");
            foreach (var cell in row.Skip(1))
            {
                html.Append($"<td{(cell.Class.Length > 0 ? $" class=\"{cell.Class}\"" : "")}>{cell.Content}</td>");
            }

            html.Append("</tr>\n");
        }

        return html.Append("</tbody></table></div>\n").ToString();
    }
}
