using System.Diagnostics;
using System.Globalization;

namespace Backprop.Cli.Auditing;

/// <summary>Another process that does pieces, seen from this one.</summary>
internal sealed class PieceProcess : IDisposable
{
    private const int SignalsFrom = 128;
    private const int KeptErrors = 20;

    // What a process does not send itself: the user, another program or the system does, as where memory runs out.
    private static readonly string?[] fromOutside = ["SIGHUP", "SIGINT", "SIGKILL", "SIGTERM"];

    private readonly Process process;
    private readonly Queue<string> errors = new();

    /// <summary>Starts it.</summary>
    /// <param name="start">How; its standard streams are taken over.</param>
    public PieceProcess(ProcessStartInfo start)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginErrorReadLine();
    }

    /// <summary>Whether it can be asked for another piece.</summary>
    public bool IsAlive { get; private set; } = true;

    /// <summary>Whether it has loaded libtorch, or gone on without.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Whether the user, another program or the system ended it.</summary>
    public bool IsEndedFromOutside => !IsAlive && fromOutside.Contains(Signal);

    /// <summary>How it ended, and what it said.</summary>
    public string? End { get; private set; }

    private string? Signal => process.ExitCode > SignalsFrom ? SignalName(process.ExitCode - SignalsFrom) : null;

    /// <summary>Lets it do a piece; where it ends over it, that is what comes of the piece.</summary>
    public async Task<AuditResult> Run(int index, AuditPiece piece, CancellationToken cancellation)
    {
        var at = piece.Name;
        try
        {
            await process.StandardInput.WriteLineAsync($"{index.ToString(CultureInfo.InvariantCulture)}".AsMemory(), cancellation);
            await process.StandardInput.FlushAsync(cancellation);
        }
        catch (IOException)
        {
            // It is gone already; reading tells so.
        }

        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            var answer = PieceLine.Parse(line);
            if (answer?.Result is { } result)
            {
                return result;
            }

            IsReady |= answer?.IsReady == true;
            at = answer?.At ?? at;
        }

        IsAlive = false;
        await process.WaitForExitAsync(cancellation);
        End = HowItEnded();
        return new() { Unfinished = [new($"{piece}", $"Its process {End} while at {at}.")] };
    }

    /// <summary>Ends it, and whatever it started.</summary>
    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        process.Dispose();
    }

    private string HowItEnded()
    {
        string[] said;
        lock (errors)
        {
            said = [.. errors];
        }

        if (IsEndedFromOutside)
        {
            return $"was ended from outside by {Signal}, as where memory runs out,";
        }

        // C++ code says what() its exception was; .NET begins with what happened.
        var words = said.FirstOrDefault(line => line.Contains("what():", StringComparison.Ordinal)) ?? said.FirstOrDefault(line => line.Length > 0);
        return $"ended with {Signal ?? $"exit code {process.ExitCode}"}{(words is null ? "" : $" ({words.Trim()})")}";
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        // The first ones: a trace begins with what happened.
        lock (errors)
        {
            if (errors.Count < KeptErrors)
            {
                errors.Enqueue(line);
            }
        }
    }

    private static string SignalName(int signal) => signal switch
    {
        1 => "SIGHUP",
        2 => "SIGINT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        15 => "SIGTERM",
        _ => $"signal {signal}",
    };
}
