using System.Globalization;

namespace Backprop.Interop.Tests.Properties;

/// <summary>Counts cases and keeps the worst share of each bound.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, (long Tensors, double Worst)> rows = new(StringComparer.Ordinal);

    /// <summary>Cases compared, whatever was compared of them.</summary>
    public long Cases { get; private set; }

    /// <summary>Cases that cannot be compared: at a kink, or with numbers that are not finite.</summary>
    public long Skipped { get; private set; }

    public void Skip() => Skipped++;

    public void Count() => Cases++;

    /// <summary>Notes a comparison and the largest share of its bound that was used.</summary>
    public void Note(string what, double share)
    {
        var (tensors, worst) = rows.GetValueOrDefault(what);
        rows[what] = (tensors + 1, Math.Max(worst, share));
    }

    /// <summary>A line for each comparison, as a Markdown table.</summary>
    public IEnumerable<string> Table =>
    [
        "| compared | tensors | worst share of its bound |",
        "|---|--:|--:|",
        .. rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"| {row.Key} | {row.Value.Tensors:N0} | {(row.Value.Worst > 0 ? row.Value.Worst.ToString("G2", CultureInfo.InvariantCulture) : "same bits")} |")),
    ];
}
