using Backprop.Comparisons;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

if (args is ["quick"])
{
    Quick.Run(Console.Out);
    return;
}

// In process: the projects BenchmarkDotNet would generate know nothing of the runtime identifier that libtorch's package needs.
var config = ManualConfig.CreateEmpty()
    .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
    .AddLogger(ConsoleLogger.Default)
    .AddColumnProvider(DefaultColumnProviders.Descriptor, DefaultColumnProviders.Params, DefaultColumnProviders.Metrics)
    .AddColumn(StatisticColumn.Median, StatisticColumn.StdDev, BaselineRatioColumn.RatioMean, new RowsPerSecondColumn(), new GigaflopsColumn())
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddExporter(MarkdownExporter.GitHub)
    .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(40))
    .WithArtifactsPath(Path.Combine(".backprop", "comparisons"))
    .WithUnionRule(ConfigUnionRule.AlwaysUseLocal);
BenchmarkSwitcher.FromTypes([typeof(TrainingStepBenchmark)]).Run(args.Length == 0 ? ["--filter", "*"] : args, config);
