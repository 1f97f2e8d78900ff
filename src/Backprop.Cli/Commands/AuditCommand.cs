using System.CommandLine;
using System.Diagnostics;
using Backprop.Cli.Auditing;
using Backprop.Torch;

namespace Backprop.Cli.Commands;

/// <summary><c>audit</c>: the gradients and the first steps of a network of the user's choice, or everything there is, beside libtorch's.</summary>
/// <remarks>Other processes of this command do the pieces, one for each core, so that what ends a process ends no audit.</remarks>
internal static class AuditCommand
{
    // Done before a bar of their progress would be seen.
    private const int FewPieces = 8;

    private const string ServeName = "--pieces", WithoutTorchName = "--without-libtorch";

    /// <summary>Describes the command.</summary>
    public static Command Create(Session session)
    {
        var choices = new PlanChoices();
        var (serve, without) = (new Option<bool>(ServeName) { Hidden = true }, new Option<string?>(WithoutTorchName) { Hidden = true });
        var command = new Command("audit", "Compares every gradient and the first steps with libtorch's; exit code 1 when a check speaks against this engine.");
        foreach (var option in (Option[])[.. choices.All, serve, without])
        {
            command.Add(option);
        }

        var files = new AuditFiles(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(serve))
            {
                TorchLibrary.Refusal = parsed.GetValue(without);
                return PieceServer.Serve(choices.Read(parsed).Pieces, Console.In, session.Output);
            }

            using var outputs = files.Reserve(parsed, choices.Inputs(parsed));
            var plan = choices.Read(parsed);
            var clock = Stopwatch.StartNew();
            var words = parsed.Tokens.Select(token => token.Value).ToList();
            AuditResult Run(Action<AuditPiece, AuditResult> done) => new PieceProcesses(plan.Pieces, reason => Other(words, reason))
                .Run(Environment.ProcessorCount, done, session.Cancellation).GetAwaiter().GetResult();
            var result = plan.Pieces.Count > FewPieces ? PieceDisplay.Show(session, plan.Pieces, Run) : Run((_, _) => { });
            AuditDisplay.Show(session, result, plan.About);
            AuditDisplay.Summarise(session, result, clock.Elapsed);
            var command = ("Command", $"backprop {string.Join(' ', words.Select(Quoted))}");
            files.Write(parsed, outputs, plan with { About = [command, .. plan.About] }, result, clock.Elapsed);
            return result.ExitCode;
        });
        return command;
    }

    /// <summary>A process that does pieces of what the same words ask for.</summary>
    private static ProcessStartInfo Other(List<string> words, string? withoutTorch)
        => OtherProcess.StartInfo(
            typeof(AuditCommand).Assembly, [.. words, ServeName, .. withoutTorch is null ? Array.Empty<string>() : [WithoutTorchName, withoutTorch]]);

    private static string Quoted(string word) => word.Any(char.IsWhiteSpace) ? $"\"{word}\"" : word;
}
