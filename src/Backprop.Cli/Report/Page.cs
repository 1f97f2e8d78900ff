using System.Text;

namespace Backprop.Cli.Report;

/// <summary>A part of a report.</summary>
/// <param name="Id">For links within the page.</param>
/// <param name="Title">Its heading, plain text.</param>
/// <param name="Body">HTML.</param>
internal sealed record Section(string Id, string Title, string Body);

/// <summary>A figure at the head of a report.</summary>
/// <param name="Name">What it is, plain text.</param>
/// <param name="Value">The figure, plain text.</param>
/// <param name="Note">A short remark below it, plain text.</param>
/// <param name="Good">Whether it passed a check; null when none applies.</param>
internal sealed record Tile(string Name, string Value, string Note, bool? Good = null);

/// <summary>One HTML file that needs nothing beside itself: no network, light or dark as the reader's system is. Its script only sorts tables.</summary>
internal static class Page
{
    private static readonly string style = Read("style.css");
    private static readonly string script = Read("script.js");

    /// <summary>Writes the page; the stream is left open.</summary>
    public static void Write(Stream stream, string title, string lead, IReadOnlyList<Tile> tiles, IReadOnlyList<Section> sections)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        writer.Write($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <title>{Html.Escape(title)}</title>
            <style>
            {style}
            </style>
            </head>
            <body>
            <header>
            <h1>{Html.Escape(title)}</h1>
            <p class="lead">{Html.Escape(lead)}</p>
            <dl class="tiles">
            {string.Concat(tiles.Select(Show))}</dl>
            <nav aria-label="Sections">{string.Concat(sections.Select(s => $"<a href=\"#{s.Id}\">{Html.Escape(s.Title)}</a>"))}</nav>
            </header>
            <main>
            {string.Concat(sections.Select(Show))}</main>
            <script>
            {script}
            </script>
            </body>
            </html>

            """);
    }

    private static string Show(Tile tile)
        => $"<div class=\"tile{Mark(tile.Good)}\"><dt>{Html.Escape(tile.Name)}</dt><dd>{Html.Escape(tile.Value)}</dd>"
            + $"<dd class=\"note\">{Html.Escape(tile.Note)}</dd></div>\n";

    private static string Mark(bool? good) => good is null ? "" : good.Value ? " good" : " bad";

    private static string Show(Section section)
        => $"<section id=\"{section.Id}\" aria-labelledby=\"{section.Id}-title\">\n"
            + $"<h2 id=\"{section.Id}-title\">{Html.Escape(section.Title)}</h2>\n{section.Body}</section>\n";

    private static string Read(string resource)
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream(resource)!;
        return new StreamReader(stream).ReadToEnd().Trim();
    }
}
