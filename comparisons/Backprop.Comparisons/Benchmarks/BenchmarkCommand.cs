using System.CommandLine;
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
/// <c>benchmark</c>: BenchmarkDotNet over the catalogue, all but first-fit, streaming and text, whose every run needs a process of its own:
/// hours, one contender after the other; the quick mode's ratios come of turns.
/// </summary>
internal static class BenchmarkCommand
{
    private static readonly string[] Questions = ["--list", "--version", "--info"];

    /// <summary>Describes the command; what it is not told of are BenchmarkDotNet's options.</summary>
    public static Command Create(Session session)
    {
        var command = new Command(
            "benchmark",
            "Runs BenchmarkDotNet for hours over all cases but those of first-fit, streaming and text, each of which needs a process of its own. "
            + "Options are BenchmarkDotNet's, as --list flat, or --filter *Gemm*.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction(parsed =>
        {
            // BenchmarkDotNet asks no token.
            using var ending = session.Cancellation.Register(() => Environment.Exit(BackpropTool.Cancelled));
            return Run([.. parsed.UnmatchedTokens]);
        });
        return command;
    }

    /// <summary>Runs what the options choose, everything without any.</summary>
    /// <returns>The exit code: 2 where the options choose nothing.</returns>
    private static int Run(string[] options)
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
            .Run(options.Length == 0 ? ["--filter", "*"] : options, config).ToList();
        var ran = summaries.Count > 0 && summaries.All(summary => !summary.HasCriticalValidationErrors);
        return ran || options.Intersect(Questions).Any() ? BackpropTool.Ok : BackpropTool.WrongInput;
    }
}
