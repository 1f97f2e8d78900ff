using System.CommandLine;
using System.CommandLine.Invocation;
using Backprop.Cli.Commands;

namespace Backprop.Cli;

/// <summary>The tool itself: from words to an exit code, and the one place where errors become sentences.</summary>
public static class BackpropTool
{
    /// <summary>All went well, and every check agreed.</summary>
    public const int Ok = 0;

    /// <summary>A check found a difference.</summary>
    public const int Disagreement = 1;

    /// <summary>Wrong usage or input, or something this machine cannot do.</summary>
    public const int WrongInput = 2;

    /// <summary>No check found a difference, but one did not come to its end.</summary>
    public const int Unfinished = 3;

    /// <summary>Stopped by the user: 128 and the signal's number, as shells have it.</summary>
    public const int Cancelled = 130;

    /// <summary>Set to anything, it shows where an unexpected error came from.</summary>
    private const string TraceVariable = "BACKPROP_TRACE";

    /// <summary>Runs one command.</summary>
    /// <param name="args">Its words.</param>
    /// <param name="output">For results.</param>
    /// <param name="error">For errors, one sentence each.</param>
    /// <param name="cancellation">Stops it; nothing is left half-written.</param>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancellation = default)
        => Run("backprop", Commands, args, output, error, cancellation);

    /// <summary>Runs one command of another program of this library, with the same errors and exit codes.</summary>
    /// <param name="program">What messages call it.</param>
    /// <param name="commands">Makes its commands.</param>
    /// <param name="args">Its words.</param>
    /// <param name="output">For results.</param>
    /// <param name="error">For errors.</param>
    /// <param name="cancellation">Stops it.</param>
    internal static int Run(
        string program, Func<Session, RootCommand> commands, IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var session = new Session(output, error, cancellation);
        try
        {
            return Invoke(program, commands(session), args, session, error);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            session.Warn("Cancelled; no file was left half-written.");
            return Cancelled;
        }
        catch (Exception e)
        {
            session.Warn(Sentence(e));
            if (Environment.GetEnvironmentVariable(TraceVariable) is not null)
            {
                session.Warn(e.ToString());
            }

            return WrongInput;
        }
    }

    private static RootCommand Commands(Session session)
    {
        var root = new RootCommand("Neural networks for tables whose gradients you can trust. Without a command: the demo.")
        {
            TrainCommand.Create(session),
            PredictCommand.Create(session),
            AuditCommand.Create(session),
            TextbookCommand.Create(session),
        };
        DemoCommand.AddTo(root, session);
        return root;
    }

    private static int Invoke(string program, RootCommand root, IReadOnlyList<string> args, Session session, TextWriter error)
    {
        // A value such as @home is a value, not a file of arguments.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            var command = parsed.CommandResult.Command;
            var (words, choice) = command == root
                ? (program, $" Commands are {string.Join(", ", root.Subcommands.Select(one => one.Name))}.")
                : ($"{program} {command.Name}", "");
            throw new InputException($"{parsed.Errors[0].Message.TrimEnd('.')}.{choice} '{words} --help' shows the usage.");
        }

        return parsed.Invoke(new InvocationConfiguration { Output = session.Output, Error = error, EnableDefaultExceptionHandler = false });
    }

    private static string Sentence(Exception e) => e switch
    {
        InputException => e.Message,

        // Messages of our own libraries already say what, the value, the bound and the next step.
        _ when IsOurs(e) => e.Message,
        OutOfMemoryException or OverflowException
            => "This is too large for the memory, or for one array. Give fewer or narrower layers, a smaller --batch or fewer rows.",
        IOException or UnauthorizedAccessException
            => $"A file could not be read or written: {e.Message.TrimEnd('.')}. Check the disk and the path.",
        _ => $"Something unexpected went wrong ({e.GetType().Name}: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}). "
            + $"Set {TraceVariable}=1 to see where, and please report it.",
    };

    private static bool IsOurs(Exception e)
        => e is ArgumentException or ArithmeticException or DllNotFoundException or InvalidDataException or InvalidOperationException or NotSupportedException
            && e is not OverflowException
            && e.Source?.StartsWith(nameof(Backprop), StringComparison.Ordinal) == true;
}
