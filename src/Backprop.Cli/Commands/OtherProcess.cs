using System.Diagnostics;

namespace Backprop.Cli.Commands;

/// <summary>This tool in a process of its own.</summary>
internal static class OtherProcess
{
    /// <summary>Runs a command to its end.</summary>
    /// <exception cref="InputException">It did not exit with 0; the message holds what it said.</exception>
    public static async Task Run(IReadOnlyList<string> args, CancellationToken cancellation)
    {
        using var process = Process.Start(StartInfo(args))!;
        try
        {
            var error = process.StandardError.ReadToEndAsync(cancellation);
            await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode != BackpropTool.Ok)
            {
                throw new InputException($"The other process ended with exit code {process.ExitCode}: {(await error).Trim()}");
            }
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static ProcessStartInfo StartInfo(IReadOnlyList<string> args)
    {
        var own = typeof(OtherProcess).Assembly;
        var isOwnExecutable = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == own.GetName().Name;

        // Started as "dotnet Backprop.Cli.dll", or loaded by a test, the executable is another one.
        var start = isOwnExecutable
            ? new ProcessStartInfo(Environment.ProcessPath!, args)
            : new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{own.GetName().Name}.dll"), .. args]);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        return start;
    }
}
