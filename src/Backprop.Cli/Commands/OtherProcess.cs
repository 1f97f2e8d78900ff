using System.Diagnostics;
using System.Reflection;

namespace Backprop.Cli.Commands;

/// <summary>A program in a process of its own.</summary>
internal static class OtherProcess
{
    /// <summary>Runs a command of this tool to its end.</summary>
    /// <exception cref="InputException">It did not exit with 0; the message holds what it said.</exception>
    public static Task Run(IReadOnlyList<string> args, CancellationToken cancellation) => Run(typeof(OtherProcess).Assembly, args, cancellation);

    /// <summary>Runs a program of this folder to its end; gives what it wrote.</summary>
    /// <exception cref="InputException">It did not exit with 0; the message holds what it said.</exception>
    public static async Task<string> Run(Assembly program, IReadOnlyList<string> args, CancellationToken cancellation)
    {
        var start = StartInfo(program, args);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        try
        {
            var error = process.StandardError.ReadToEndAsync(cancellation);
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode != BackpropTool.Ok)
            {
                throw new InputException($"The other process ended with exit code {process.ExitCode}: {(await error).Trim()}");
            }

            return output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>How a program of this folder is started.</summary>
    public static ProcessStartInfo StartInfo(Assembly program, IReadOnlyList<string> args)
    {
        var name = program.GetName().Name;
        var isOwnExecutable = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == name;

        // Started as "dotnet Backprop.Cli.dll", or loaded by a test, the executable is another one.
        var start = isOwnExecutable
            ? new ProcessStartInfo(Environment.ProcessPath!, args)
            : new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{name}.dll"), .. args]);
        start.Environment.TryAdd("OMP_WAIT_POLICY", "passive"); // a thread of libtorch's that waits takes no core from the processes beside it
        return start;
    }
}
