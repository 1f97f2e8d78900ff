using System.CommandLine;
using Backprop.Cli.Auditing;
using Backprop.Torch;

namespace Backprop.Cli.Commands;

/// <summary><c>audit-pieces</c>: what <c>audit --all</c> starts to do pieces of its plan, which it names by number on standard input.</summary>
internal static class AuditWorkerCommand
{
    /// <summary>Its name.</summary>
    public const string Name = "audit-pieces";

    /// <summary>Describes the command.</summary>
    public static Command Create(Session session)
    {
        var choices = new PlanChoices();
        var command = new Command(Name, "Does pieces of an audit, by number from standard input.") { Hidden = true };
        foreach (var option in choices.All)
        {
            command.Add(option);
        }

        command.SetAction(parsed =>
        {
            try
            {
                TorchLibrary.Threads = 1;
            }
            catch (DllNotFoundException)
            {
                // Each piece that needs it says so.
            }

            return PieceServer.Serve(choices.Read(parsed).Pieces, Console.In, session.Output);
        });
        return command;
    }
}
