using System.Text;

namespace Backprop.Cli.Data;

/// <summary>Tells the delimiter by the header line: the one of the usual four that stands there most often outside quotes.</summary>
internal static class HeaderDelimiter
{
    /// <summary>Of equally frequent ones the likelier, which no decimal comma is; of a header without any, the one that goes with the decimal sign.</summary>
    public static char Of(Func<Stream> open, CsvDialect dialect)
    {
        using var text = new StreamReader(open(), Encoding.UTF8);
        var counts = new int[CsvDialect.Delimiters.Length];
        var (quoted, last) = (false, ',');
        while (text.Read() is >= 0 and var next && (quoted || (char)next is not ('\r' or '\n')))
        {
            var character = (char)next;
            var candidate = CsvDialect.Delimiters.IndexOf(character);
            if (character == dialect.Quote)
            {
                // It opens at a value's beginning only; a doubled one closes and opens again.
                quoted = !quoted && (CsvDialect.Delimiters.Contains(last) || last == character);
            }
            else if (!quoted && candidate >= 0)
            {
                counts[candidate]++;
            }

            last = character;
        }

        var most = counts.Max();
        return most == 0
            ? dialect.DecimalComma ? ';' : ','
            : CsvDialect.Delimiters.Where((_, i) => counts[i] == most).OrderBy(one => dialect.DecimalComma && one == ',').First();
    }
}
