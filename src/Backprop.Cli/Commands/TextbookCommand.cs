using System.CommandLine;
using Backprop.Cli.Data;
using Backprop.Cli.Report;
using Backprop.Cli.Textbook;
using Spectre.Console;

namespace Backprop.Cli.Commands;

/// <summary><c>textbook</c>: what Goodfellow, Bengio and Courville say of feedforward networks, tried.</summary>
internal static class TextbookCommand
{
    /// <summary>Describes the command.</summary>
    public static Command Create(Session session)
    {
        var html = Choices.Text("--html", "R.html", "Where to write a report with pictures.");
        var command = new Command(
            "textbook",
            "Tries three claims of Deep Learning, chapter 6: a sine by one hidden layer, the cost of back-propagation, exclusive or from 100 seeds.")
        {
            html,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(html);
            using var outputs = new OutputFiles([], [path]);
            var sine = SineFit.Run(session.Cancellation);
            session.Say(
                $"A sine by {SineFit.Network}: the largest error from −π to π is {Readable.Number(sine.Worst)}, to be below {Readable.Number(SineFit.Bound)}.");

            var paths = PathCount.Run(session.Cancellation);
            Show(
                session, ["k", "edges visited", "paths"],
                paths.Select(count => new[] { $"{count.Length}", Readable.Count(count.Edges), Readable.Count(count.Paths) }));

            var seeds = XorSeeds.Run(session.Cancellation);
            Show(session, ["exclusive or by", "expected", $"seeds of {XorSeeds.Tried}", "which"], seeds.Select(
                found => new[] { $"{found.Network} {found.Network.Activation}", $"{found.Expected}", $"{found.Seeds.Count}", found.SeedsInWords }));

            var result = new TextbookResult(sine, paths, seeds);
            outputs.Write(path, result.WriteReport);
            return result.Passed ? BackpropTool.Ok : BackpropTool.Disagreement;
        });
        return command;
    }

    private static void Show(Session session, string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns(columns);
        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(cell => new Text(cell))]);
        }

        session.Console.Write(table);
    }
}
