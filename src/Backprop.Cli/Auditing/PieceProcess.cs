using System.Diagnostics;
using System.Globalization;
using Backprop.Audit;

namespace Backprop.Cli.Auditing;

/// <summary>Another process that does pieces, seen from this one.</summary>
internal sealed class PieceProcess : IDisposable
{
    private const int SignalsFrom = 128;
    private const int KeptErrors = 20;

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

    /// <summary>Lets it do a piece; where it ends over it, that is what was found.</summary>
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

            at = answer?.At ?? at;
        }

        IsAlive = false;
        await process.WaitForExitAsync(cancellation);
        return Ended(piece, at);
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

    /// <summary>What a process that ended over a piece comes to: against us unless libtorch's own exception ended it.</summary>
    private AuditResult Ended(AuditPiece piece, string at)
    {
        var how = process.ExitCode > SignalsFrom ? $"with signal {SignalName(process.ExitCode - SignalsFrom)}" : $"with exit code {process.ExitCode}";
        string[] said;
        lock (errors)
        {
            said = [.. errors];
        }

        // C++ code throws c10::Error; nothing of ours is C++.
        var isTheirs = said.Any(line => line.Contains("c10::", StringComparison.Ordinal));
        var words = said.FirstOrDefault(line => line.Contains("what():", StringComparison.Ordinal)) ?? said.FirstOrDefault(line => line.Length > 0);
        var what = $"the process ended {how} while at {at}{(words is null ? "" : $": {words.Trim()}")}";
        var (verdict, share) = isTheirs ? (Verdict.TheirsWorse, 0) : (Verdict.OursWorse, double.PositiveInfinity);
        return piece.Ended?.Invoke(what) ?? new() { Findings = [new(piece.Area, piece.Name, "runs to its end", verdict, share, what)] };
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
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        15 => "SIGTERM",
        _ => $"{signal}",
    };
}
