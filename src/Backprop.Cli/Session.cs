using Spectre.Console;

namespace Backprop.Cli;

/// <summary>Where a run of the tool writes, and what stops it.</summary>
internal sealed class Session
{
    private readonly TextWriter error;

    /// <summary>Writes to the given places.</summary>
    public Session(TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        (Output, this.error, Cancellation) = (output, error, cancellation);
        Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (!Console.Profile.Out.IsTerminal)
        {
            Console.Profile.Width = 120; // a file or a pipe has no width of its own
        }
    }

    /// <summary>For plain lines.</summary>
    public TextWriter Output { get; }

    /// <summary>For tables and live displays.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Whether lines can be drawn over: a terminal, not a file or a pipe.</summary>
    public bool Live => Console.Profile.Out.IsTerminal && Console.Profile.Capabilities.Ansi;

    /// <summary>Asked between rows and between epochs.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Writes a line to the user.</summary>
    public void Say(string line) => Output.WriteLine(line);

    /// <summary>Writes a line about something that went wrong or may go wrong.</summary>
    public void Warn(string line) => error.WriteLine(line);
}
