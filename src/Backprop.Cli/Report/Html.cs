using System.Globalization;
using System.Net;

namespace Backprop.Cli.Report;

/// <summary>Text and coordinates as the report writes them.</summary>
internal static class Html
{
    /// <summary>Text from outside, safe between tags and in attributes.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A number in a coordinate or a style.</summary>
    public static string Coordinate(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
