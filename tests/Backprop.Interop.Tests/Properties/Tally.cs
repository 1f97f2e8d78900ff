using System.Globalization;

namespace Backprop.Interop.Tests.Properties;

/// <summary>How two libraries' numbers compare with their bounds.</summary>
/// <param name="Worst">The largest difference, as a share of its bound.</param>
/// <param name="Sharpness">The largest bound relative to the largest number: how small an error is seen.</param>
internal readonly record struct Comparison(double Worst, double Sharpness);

/// <summary>Counts cases and keeps the worst share of each bound.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, Row> rows = new(StringComparer.Ordinal);

    /// <summary>Cases compared.</summary>
    public long Cases { get; private set; }

    /// <summary>Cases that cannot be compared: at a kink, or with numbers that are not finite.</summary>
    public long Skipped { get; private set; }

    /// <summary>Cases that failed once and not again.</summary>
    public long Repeated { get; set; }

    /// <summary>Cases where libtorch's own formula cancels.</summary>
    public long Cancelled { get; set; }

    public void Skip() => Skipped++;

    public void Count() => Cases++;

    /// <summary>Counts something that has no bound.</summary>
    public void Note(string what) => rows[what] = Of(what) with { Count = Of(what).Count + 1 };

    /// <summary>Counts a comparison by the largest share of its bound that was used.</summary>
    public void Note(string what, double worst) => rows[what] = Of(what) with { Count = Of(what).Count + 1, Worst = Math.Max(Of(what).Worst ?? 0, worst) };

    /// <summary>Counts a comparison.</summary>
    public void Note(string what, Comparison comparison)
    {
        Note(what, comparison.Worst);
        if (comparison.Sharpness > 0)
        {
            rows[what] = Of(what) with { Logarithms = Of(what).Logarithms + Math.Log(comparison.Sharpness), Sharp = Of(what).Sharp + 1 };
        }
    }

    /// <summary>Takes over another's counts.</summary>
    public void Add(Tally other)
    {
        (Cases, Skipped) = (Cases + other.Cases, Skipped + other.Skipped);
        (Repeated, Cancelled) = (Repeated + other.Repeated, Cancelled + other.Cancelled);
        foreach (var (what, row) in other.rows)
        {
            rows[what] = Of(what).And(row);
        }
    }

    /// <summary>A line for each comparison, as a Markdown table.</summary>
    public IEnumerable<string> Table =>
    [
        "| compared | number | worst difference, of its bound | usual bound, relative |",
        "|---|--:|--:|--:|",
        .. rows.Select(
            row => string.Create(CultureInfo.InvariantCulture, $"| {row.Key} | {row.Value.Count:N0} | {row.Value.Worst:P0} | {row.Value.Usual:0e0} |")),
    ];

    private Row Of(string what) => rows.GetValueOrDefault(what);

    private readonly record struct Row(long Count, double? Worst, double Logarithms, long Sharp)
    {
        public Row And(Row other) => new(
            Count + other.Count, Worst is null ? other.Worst : other.Worst is null ? Worst : Math.Max(Worst.Value, other.Worst.Value), Logarithms + other.Logarithms, Sharp + other.Sharp);

        /// <summary>The geometric mean.</summary>
        public double? Usual => Sharp > 0 ? Math.Exp(Logarithms / Sharp) : null;
    }
}
