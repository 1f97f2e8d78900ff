using System.Globalization;
using System.Text;

namespace Backprop.Cli.Report;

/// <summary>A cell.</summary>
/// <param name="Content">HTML.</param>
/// <param name="Class">CSS classes: <c>number</c>, <c>words</c>, <c>good</c>, <c>bad</c>, <c>unsure</c>.</param>
/// <param name="Value">What its column is sorted by; null for its text.</param>
internal readonly record struct Cell(string Content, string Class = "", double? Value = null)
{
    /// <summary>The class of numbers.</summary>
    public const string NumberClass = "number";

    /// <summary>Plain text.</summary>
    public static Cell Text(string text) => new(Html.Escape(text));

    /// <summary>Plain text long enough to need several lines.</summary>
    public static Cell Words(string text) => new(Html.Escape(text), "words");

    /// <summary>A number, aligned right.</summary>
    public static Cell Number(string number) => new(Html.Escape(number), NumberClass);

    /// <summary>A number with so many significant digits, sorted by its size; null for one that is absent.</summary>
    public static Cell Number(double? number, int digits) => new(Html.Escape(Readable.Number(number, digits)), NumberClass, number);

    /// <summary>The cell as an element.</summary>
    /// <param name="tag">The element, with its attributes.</param>
    public string ToHtml(string tag)
    {
        var value = Value is { } number ? $" data-value=\"{number.ToString("R", CultureInfo.InvariantCulture)}\"" : "";
        return $"<{tag}{(Class.Length > 0 ? $" class=\"{Class}\"" : "")}{value}>{Content}</{tag.Split(' ')[0]}>";
    }
}

/// <summary>A table that scrolls in a box of its own where the page is narrower.</summary>
internal static class HtmlTable
{
    /// <summary>Writes a table whose first column names the rows.</summary>
    public static string Of(string caption, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<Cell>> rows) => Of(caption, "", columns, rows);

    /// <summary>Writes a table that can be sorted by any column, where the page's script runs.</summary>
    public static string Sortable(string caption, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<Cell>> rows)
        => Of(caption, "sortable", columns, rows);

    /// <summary>The end of a table.</summary>
    public const string Close = "</tbody></table></div>\n";

    /// <summary>The beginning of a table: its caption stays in view when the table scrolls.</summary>
    public static string Open(string caption, string @class)
    {
        var text = Html.Escape(caption);
        return $"<p class=\"caption\" aria-hidden=\"true\">{text}</p>\n"
            + $"<div class=\"scroll\" role=\"region\" aria-label=\"{text}\" tabindex=\"0\">"
            + $"<table class=\"{@class}\" aria-label=\"{text}\">\n";
    }

    private static string Of(string caption, string @class, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<Cell>> rows)
    {
        var html = new StringBuilder();
        html.Append($"{Open(caption, @class)}<thead><tr>");
        for (var i = 0; i < columns.Count; i++)
        {
            var align = rows.Count > 0 && rows.All(row => row[i].Class == Cell.NumberClass) ? $" class=\"{Cell.NumberClass}\"" : "";
            html.Append($"<th scope=\"col\"{align}>{Html.Escape(columns[i])}</th>");
        }

        html.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in rows)
        {
            html.Append($"<tr>{row[0].ToHtml("th scope=\"row\"")}{string.Concat(row.Skip(1).Select(cell => cell.ToHtml("td")))}</tr>\n");
        }

        return html.Append(Close).ToString();
    }
}
