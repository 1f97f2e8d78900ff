using System.CommandLine;
using Backprop.Cli;
using Backprop.Cli.Commands;
using Backprop.Models;

namespace Backprop.Comparisons.Ablation;

/// <summary>
/// <c>ablation</c>: trains tables by every preset, and by the default one but for each of its tricks, from several seeds, each run a file;
/// whatever ends it, it goes on from there. With <c>--markdown</c> it writes what all runs came to, beside other libraries.
/// </summary>
internal static class AblationCommand
{
    private const int UsualSeeds = 5;

    /// <summary>Describes the command.</summary>
    public static Command Create(Session session)
    {
        var data = new Option<string>("--data")
        {
            HelpName = "FOLDER",
            Description = "The tables: datasets.json, their files, and peers.csv.",
            Required = true,
        };
        var results = new Option<string>("--results") { HelpName = "FOLDER", Description = "Where the runs' results are, and go.", Required = true };
        var sets = Choices.Text("--sets", "A,B", "The tables by name; all by default.");
        var variants = Choices.Text("--variants", "A,B", "Presets and tricks by name; 'presets', 'tricks' or all by default.");
        var seeds = Choices.Whole("--seeds", $"From how many seeds; {UsualSeeds} by default.", 1, 1000);
        var markdown = Choices.Text("--markdown", "A.md", "Where to write the summary of all results in the folder.");
        var command = new Command("ablation", "Trains tables by presets, and by the default one but for each trick.")
        {
            data, results, sets, variants, seeds, markdown,
        };
        command.SetAction(parsed =>
        {
            var tables = TableSet.In(parsed.GetValue(data)!);
            var folder = Directory.CreateDirectory(parsed.GetValue(results)!).FullName;
            var chosen = parsed.GetValue(sets)?.Split(',').Select(name => Find(tables, name)).ToList() ?? tables;
            var ways = VariantsOf(parsed.GetValue(variants));

            // Seed by seed, so that a run that is stopped has figures of everything first.
            for (var seed = 1; seed <= (parsed.GetValue(seeds) ?? UsualSeeds); seed++)
            {
                var runs = ways.SelectMany(variant => chosen.Select(set => new AblationRun(set, variant, seed)));
                foreach (var run in runs.Where(run => run.ResultIn(folder) is null))
                {
                    Say(session, run, run.Do(parsed.GetValue(data)!, folder, session.Cancellation));
                }
            }

            if (parsed.GetValue(markdown) is { } path)
            {
                var summary = new AblationSummary(tables, new(folder), Peers.In(parsed.GetValue(data)!));
                AtomicFile.Write(path, stream =>
                {
                    using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
                    summary.Write(writer);
                });
            }

            return BackpropTool.Ok;
        });
        return command;
    }

    private static void Say(Session session, AblationRun run, AblationResult result)
    {
        var scores = run.Set.Metrics.Select(metric => FormattableString.Invariant($"{metric.Title} {result.Scores[metric.Name].Value:G5}"));
        session.Say(FormattableString.Invariant($"{run.Set.Name}, {run.Variant}, seed {run.Seed}: {string.Join(", ", scores)}, {result.Seconds:F1} s"));
    }

    private static IReadOnlyList<Variant> VariantsOf(string? names) => names switch
    {
        null => Variant.All,
        "presets" => Variant.Presets,
        "tricks" => Variant.Tricks,
        _ => [.. names.Split(',').Select(Variant.Parse)],
    };

    private static TableSet Find(IReadOnlyList<TableSet> tables, string name)
        => tables.FirstOrDefault(table => table.Name == name)
            ?? throw new InputException($"There is no set '{name}'. Choose among: {string.Join(", ", tables.Select(table => table.Name))}.");
}
