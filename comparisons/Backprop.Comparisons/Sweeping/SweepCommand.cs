using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Backprop.Cli;
using Backprop.Cli.Commands;

namespace Backprop.Comparisons.Sweeping;

/// <summary>
/// <c>sweep</c>: audits many random networks in several processes, part by part, each a file; whatever ends it, it goes on from there. With
/// <c>--markdown</c> it writes what all parts came to.
/// </summary>
internal static class SweepCommand
{
    /// <summary>What a process that does parts is started with.</summary>
    public const string Worker = "sweep-worker";

    // More ends than this are no case's doing.
    private const int MostRestarts = 1000;

    /// <summary>Describes the command; its exit code is 1 if a network does not agree.</summary>
    public static Command Create(Session session)
    {
        var folder = new Option<string>("--parts") { HelpName = "FOLDER", Description = "Where the parts' reports are, and go.", Required = true };
        var seed = Choices.Whole("--seed", "Decides the networks; 1 by default.", 0, int.MaxValue);
        var first = Choices.Whole("--first", "The number of the first network; 0 by default.", 0, int.MaxValue);
        var cases = Choices.Whole("--cases", "How many networks; 100,000 by default.", 1, int.MaxValue);
        var processes = Choices.Whole("--processes", "How many processes; one for each core by default.", 1, 1024);
        var markdown = Choices.Text("--markdown", "S.md", "Where to write the summary of all parts in the folder.");
        var command = new Command("sweep", "Audits random networks beside libtorch.") { folder, seed, first, cases, processes, markdown };
        command.SetAction(async (parsed, _) =>
        {
            var parts = new SweepParts(
                Directory.CreateDirectory(parsed.GetValue(folder)!).FullName,
                parsed.GetValue(seed) ?? 1,
                parsed.GetValue(first) ?? 0,
                parsed.GetValue(cases) ?? 100_000);
            var workers = parsed.GetValue(processes) ?? Environment.ProcessorCount;
            if (parts.Missing.Any())
            {
                await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Watch(parts, worker, workers, session.Cancellation)));
            }

            var report = parts.Total;
            SweepSummary.Write(session.Output, report, $"{parts}");
            if (parsed.GetValue(markdown) is { } path)
            {
                using var writer = new StreamWriter(path) { NewLine = "\n" };
                SweepSummary.Write(writer, report, $"{parts}");
            }

            return report.Agrees ? BackpropTool.Ok : BackpropTool.Disagreement;
        });
        return command;
    }

    /// <summary>Does every so-many-th part of a sweep.</summary>
    public static int Work(SweepParts parts, int worker, int workers)
    {
        foreach (var part in parts.Missing.Where(part => (part - parts.First) / SweepParts.Size % workers == worker))
        {
            parts.Run(part);
        }

        return BackpropTool.Ok;
    }

    /// <summary>Starts a process for its parts, and another where it ends before they are done.</summary>
    private static async Task Watch(SweepParts parts, int worker, int workers, CancellationToken cancellation)
    {
        long[] numbers = [parts.Seed, parts.First, parts.Cases, worker, workers];
        string[] words = [Worker, parts.Folder, .. numbers.Select(number => number.ToString(CultureInfo.InvariantCulture))];
        for (var start = 0; start < MostRestarts; start++)
        {
            using var process = Process.Start(OtherProcess.StartInfo(typeof(SweepCommand).Assembly, words))!;
            using var ending = cancellation.Register(() => process.Kill(entireProcessTree: true));
            await process.WaitForExitAsync(CancellationToken.None);
            cancellation.ThrowIfCancellationRequested();
            if (process.ExitCode == BackpropTool.Ok)
            {
                return;
            }
        }

        throw new InputException($"A process of the sweep ended {MostRestarts} times. Run it alone to see why: {string.Join(' ', words)}");
    }
}
