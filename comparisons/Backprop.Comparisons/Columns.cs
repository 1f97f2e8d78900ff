using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Backprop.Comparisons;

/// <summary>A column in the field's units, from the median time of a step and its case.</summary>
public abstract class CaseColumn(string name, string legend) : IColumn
{
    public string Id => name;

    public string ColumnName => name;

    public string Legend => legend;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        var nanoseconds = summary[benchmarkCase]?.ResultStatistics?.Median;
        return nanoseconds is null ? "-" : Format((Case)benchmarkCase.Parameters[nameof(TrainingStepBenchmark.Case)], nanoseconds.Value);
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    protected abstract string Format(Case measured, double nanoseconds);
}

/// <summary>Training rows per second.</summary>
public sealed class RowsPerSecondColumn() : CaseColumn("rows/s", "Training rows per second, from the median")
{
    protected override string Format(Case measured, double nanoseconds)
        => (measured.Batch / nanoseconds * 1e9).ToString("N0", CultureInfo.InvariantCulture);
}

/// <summary>Arithmetic per second.</summary>
public sealed class GigaflopsColumn() : CaseColumn("GFLOP/s", "10⁹ multiplications and additions of the matrix products per second, from the median")
{
    protected override string Format(Case measured, double nanoseconds)
        => (measured.Operations / nanoseconds).ToString("F1", CultureInfo.InvariantCulture);
}
