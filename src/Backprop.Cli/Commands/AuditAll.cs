using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Backprop.Audit;
using Backprop.Cli.Auditing;
using Backprop.Cli.Report;

namespace Backprop.Cli.Commands;

/// <summary><c>audit --all</c>: everything there is, in as many other processes at a time as there are cores.</summary>
internal static class AuditAll
{
    /// <summary>Audits all, shows what is found, and writes the files.</summary>
    public static int Run(Session session, ParseResult parsed, AuditPlan plan, AuditFiles files)
    {
        using var outputs = files.Reserve(parsed);
        var clock = Stopwatch.StartNew();
        var result = PieceDisplay.Show(session, plan.Pieces, done => PieceProcesses.Run(
            plan.Pieces,
            () => OtherProcess.StartInfo(typeof(AuditAll).Assembly, [AuditWorkerCommand.Name, .. plan.Words]),
            Environment.ProcessorCount,
            done,
            session.Cancellation).GetAwaiter().GetResult());
        Summarise(session, result, clock.Elapsed);
        files.Write(
            parsed,
            outputs,
            result,
            clock.Elapsed.TotalSeconds,
            stream => JsonSerializer.Serialize(stream, new { plan.Seed, plan.Quick, plan.Cases, result.Passes, Result = result }, AuditJson.Options),
            stream => AuditReport.Write(stream, "everything", result, About(plan, clock.Elapsed)));
        return result.Passes ? BackpropTool.Ok : BackpropTool.Disagreement;
    }

    private static void Summarise(Session session, AuditResult result, TimeSpan time)
    {
        var cases = result.Cases;
        foreach (var checks in result.NotRun.GroupBy(check => check.Reason))
        {
            session.Say($"Not run: {string.Join(", ", checks.Select(check => check.Check).Distinct())}. {checks.Key}");
        }

        session.Say(
            $"{cases.Count:N0} checks in {time.TotalSeconds:F0} s: {cases.Count(c => c.Outcome == Outcome.Failed):N0} against us, "
            + $"{cases.Count(c => c.Outcome == Outcome.Skipped):N0} undecided or not run.");
    }

    private static IEnumerable<(string Name, string Value)> About(AuditPlan plan, TimeSpan time) =>
    [
        ("Command", $"backprop audit --all {string.Join(' ', plan.Words)}"),
        ("Time", $"{time.TotalSeconds:F0} s in {Environment.ProcessorCount} processes at a time, each of the engine and of libtorch on one thread"),
    ];
}
