using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Backprop.Comparisons;

/// <summary>What a step of a workload does, per second of its mean time.</summary>
/// <param name="name">The column's heading.</param>
/// <param name="legend">What it counts.</param>
/// <param name="amount">How much of it a step does, in units of 10⁹ per second when divided by nanoseconds.</param>
/// <param name="format">How numbers are written.</param>
internal sealed class RateColumn(string name, string legend, Func<Workload, double> amount, string format) : IColumn
{
    public string Id => $"{nameof(RateColumn)}.{name}";

    public string ColumnName => name;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => legend;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
        => summary[benchmarkCase]?.ResultStatistics is { } statistics && benchmarkCase.Parameters[nameof(TrainingSteps.Network)] is Workload workload
            ? (amount(workload) / statistics.Mean).ToString(format, CultureInfo.InvariantCulture)
            : "?";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
}
