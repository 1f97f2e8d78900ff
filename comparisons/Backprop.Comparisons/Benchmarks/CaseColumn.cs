using System.Globalization;
using Backprop.Comparisons.Measuring;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Backprop.Comparisons.Benchmarks;

/// <summary>A column in the field's units, from the median time of a run and its case.</summary>
internal sealed class CaseColumn(string name, string legend, string format, Func<Pairing, double, Summary, double?> value) : IColumn
{
    private static readonly Dictionary<bool, Lazy<double>> Peaks = new[] { false, true }.ToDictionary(isDouble => isDouble, isDouble => new Lazy<double>(() =>
    {
        var peak = Peak.Of(isDouble);
        for (var run = 0; run < 1000; run++)
        {
            peak.Run();
        }

        return peak.Gflops;
    }));

    /// <summary>Every such column.</summary>
    public static IColumn[] All { get; } =
    [
        new CaseColumn("rows/s", "Rows per second, from the median", "N0", (who, µs, _) => who.Case.RowsPerSecond(µs)),
        new CaseColumn("ns/element", "Nanoseconds for one number, from the median", "F3", (who, µs, _) => who.Case.NanosecondsPerElement(µs)),
        new CaseColumn("GFLOP/s", "10⁹ multiplications and additions of matrix products per second, from the median", "F1", (who, µs, _) => who.Case.Gflops(µs)),
        new CaseColumn("of peak", "The same relative to fused multiply-adds on as many cores, measured beforehand", "P0",
            (who, µs, _) => who.Case.Gflops(µs) / (Peaks[who.Case.IsDouble].Value * who.Entrant.Threads)),
        new CaseColumn("ratio", "Time relative to the engine's at its best number of threads", "F2", (who, µs, summary) => µs / Best(summary, who.Case)),
    ];

    public string Id => name;

    public string ColumnName => name;

    public string Legend => legend;

    public bool AlwaysShow => false;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(b => Value(summary, b) is not null);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
        => Value(summary, benchmarkCase)?.ToString(format, CultureInfo.InvariantCulture) ?? "-";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    private static double? Best(Summary summary, Case measured) => summary.BenchmarksCases
        .Where(b => Who(b).Case == measured && Who(b).Entrant.Library == Library.Engine)
        .Min(b => Microseconds(summary, b));

    private static Pairing Who(BenchmarkCase benchmarkCase) => (Pairing)benchmarkCase.Parameters[nameof(Benchmark.Who)];

    private static double? Microseconds(Summary summary, BenchmarkCase benchmarkCase) => summary[benchmarkCase]?.ResultStatistics?.Median / 1e3;

    private double? Value(Summary summary, BenchmarkCase benchmarkCase)
        => Microseconds(summary, benchmarkCase) is { } µs ? value(Who(benchmarkCase), µs, summary) : null;
}
