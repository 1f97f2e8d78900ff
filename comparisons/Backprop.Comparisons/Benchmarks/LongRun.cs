using Backprop.Cli;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Backprop.Comparisons.Benchmarks;

/// <summary>
/// BenchmarkDotNet over the catalogue, all but first-fit, streaming and text, whose every run needs a process of its own: hours, one contender
/// after the other; the quick mode's ratios come of turns.
/// </summary>
internal static class LongRun
{
    private static readonly string[] Questions = ["--list", "--help", "--version", "--info"];

    /// <summary>Runs what the options choose, everything without any.</summary>
    /// <returns>The exit code: 2 where the options choose nothing.</returns>
    public static int Start(string[] args)
    {
        // In process: the projects BenchmarkDotNet would generate know nothing of the runtime identifier that libtorch's package needs.
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddLogger(ConsoleLogger.Default)
            .AddColumnProvider(DefaultColumnProviders.Params, DefaultColumnProviders.Metrics)
            .AddColumn([StatisticColumn.Median, StatisticColumn.StdDev, .. CaseColumn.All])
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddExporter(MarkdownExporter.GitHub)
            .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(80))
            .WithArtifactsPath(Path.Combine(".backprop", "comparisons"))
            .WithUnionRule(ConfigUnionRule.AlwaysUseLocal);
        var summaries = BenchmarkSwitcher.FromTypes([.. typeof(Benchmark).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Benchmark)))])
            .Run(args.Length == 0 ? ["--filter", "*"] : args, config).ToList();
        var ran = summaries.Count > 0 && summaries.All(summary => !summary.HasCriticalValidationErrors);
        return ran || args.Intersect(Questions).Any() ? BackpropTool.Ok : BackpropTool.WrongInput;
    }
}
