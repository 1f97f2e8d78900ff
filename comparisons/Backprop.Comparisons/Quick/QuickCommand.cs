using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Backprop.Cli;
using Backprop.Cli.Commands;
using Backprop.Cli.Data;
using Backprop.Comparisons.Cases;
using Backprop.Comparisons.Measuring;

namespace Backprop.Comparisons.Quick;

/// <summary><c>quick</c>: the cases, their contenders in turns in this one process, within five minutes.</summary>
internal static class QuickCommand
{
    private const int UsualRounds = 7;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Describes the command.</summary>
    public static Command Create(Session session)
    {
        var names = string.Join(", ", Benches.All.Select(bench => bench.InQuick ? bench.Name : $"{bench.Name} (only when asked for)"));
        var filter = new Option<string[]>("--filter")
        {
            HelpName = "WORD",
            Description = "Only cases that every word chooses: a bench's name chooses its cases, any other word those whose bench or name "
                + $"contains it, such as --filter inference 784. Benches: {names}.",
            AllowMultipleArgumentsPerToken = true,
        };
        var rounds = Choices.Whole("--rounds", $"Turns of each contender; {UsualRounds} by default.", 1, 1000);
        var json = Choices.Text("--json", "Q.json", "Where to write the figures as one JSON array.");
        var markdown = Choices.Text("--markdown", "Q.md", "Where to write the tables, headed by the machine and the versions.");
        var command = new Command("quick", "Measures in turns in one process and prints tables.") { filter, rounds, json, markdown };
        command.SetAction(parsed =>
        {
            var (jsonPath, markdownPath) = (parsed.GetValue(json), parsed.GetValue(markdown));
            var chosen = Chosen(parsed.GetValue(filter) ?? []);
            using var outputs = new OutputFiles([], [jsonPath, markdownPath]);
            var outcomes = new List<Outcome>();
            foreach (var cases in chosen.GroupBy(c => c.Bench))
            {
                List<Outcome> measured = [.. cases.Select(c => Measure(c, parsed.GetValue(rounds) ?? UsualRounds, session))];
                session.Say("");
                Table.Write(session.Output, measured);
                outcomes.AddRange(measured);
            }

            outputs.Write(jsonPath, stream => stream.Write(Encoding.UTF8.GetBytes(
                new JsonArray([.. outcomes.Select(OutcomeJson.Of)]).ToJsonString(Indented) + "\n")));
            outputs.Write(markdownPath, stream => WriteMarkdown(stream, outcomes));
            return BackpropTool.Ok;
        });
        return command;
    }

    /// <summary>The cases that every word chooses; without words, those of the quick mode.</summary>
    /// <exception cref="InputException">There are none.</exception>
    internal static IReadOnlyList<Case> Chosen(params string[] words)
    {
        var cases = Benches.All.Where(bench => words.Length > 0 || bench.InQuick).SelectMany(bench => bench.Cases)
            .Where(c => words.All(word => Chooses(word, c))).ToList();
        return cases.Count > 0 ? cases : throw new InputException(
            $"--filter {string.Join(' ', words)} matches no case. Benches are {string.Join(", ", Benches.All.Select(bench => bench.Name))}; "
            + $"a case is named like '{Benches.All[0].Cases[0]}'.");
    }

    /// <summary>A bench's name may be part of another's, as fit is of first-fit.</summary>
    private static bool Chooses(string word, Case measured)
        => Benches.All.Any(bench => bench.Name.Equals(word, StringComparison.OrdinalIgnoreCase))
            ? measured.Bench.Equals(word, StringComparison.OrdinalIgnoreCase)
            : measured.ToString().Contains(word, StringComparison.OrdinalIgnoreCase);

    private static Outcome Measure(Case measured, int rounds, Session session)
    {
        session.Cancellation.ThrowIfCancellationRequested();
        session.Warn($"{measured} …");
        return measured.Measure(rounds);
    }

    private static void WriteMarkdown(Stream stream, IReadOnlyList<Outcome> outcomes)
    {
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine("# Comparisons, quick mode");
        writer.WriteLine();
        foreach (var (name, value) in MachineFacts.All)
        {
            writer.WriteLine($"- {name}: {value}");
        }

        writer.WriteLine($"- Rounds: {outcomes[0].Rounds}");
        writer.WriteLine();
        writer.WriteLine(Table.Legend);
        foreach (var bench in outcomes.GroupBy(outcome => outcome.Case.Bench))
        {
            writer.WriteLine();
            writer.WriteLine($"## {bench.Key}");
            writer.WriteLine();
            Table.Write(writer, [.. bench]);
        }
    }
}
