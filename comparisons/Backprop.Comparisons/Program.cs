using Backprop.Comparisons;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

// In this process: a separate one would be built anew for each benchmark, with libtorch's 480 MB copied each time.
var config = DefaultConfig.Instance
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(9))
    .AddColumn(
        new RateColumn("rows/s", "Rows trained on in a second", w => w.Batch * 1e9, "N0"),
        new RateColumn("GFLOP/s", "10⁹ operations of the layers' products in a second, 2 for a multiply-add", w => w.Operations, "N1"))
    .HideColumns(Column.Error, Column.RatioSD)
    .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(30));
var summaries = BenchmarkSwitcher.FromTypes([typeof(TrainingSteps)]).Run(args.Length == 0 ? ["--filter", "*"] : args, config);
return summaries.Any(s => s.HasCriticalValidationErrors || s.Reports.Any(r => !r.Success)) ? 1 : 0;
