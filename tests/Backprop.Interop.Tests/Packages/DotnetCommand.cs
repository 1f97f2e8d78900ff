using System.Diagnostics;

namespace Backprop.Interop.Tests.Packages;

/// <summary>The dotnet command and programs, as processes that have to succeed.</summary>
internal static class DotnetCommand
{
    /// <summary>Runs <c>dotnet</c> with these arguments.</summary>
    /// <param name="folder">Where it runs; the <c>nuget.config</c> nearest to it is in force.</param>
    /// <param name="packageCache">Where it unpacks packages, or null for the user's cache.</param>
    /// <param name="arguments">A word each.</param>
    /// <returns>Standard output.</returns>
    internal static string Run(string folder, string? packageCache, params IEnumerable<string> arguments)
        => Start(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", folder, packageCache, arguments);

    /// <summary>Runs any program.</summary>
    internal static string Start(string program, string folder, string? packageCache, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        // A build node that stays for the next build would keep the output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        if (packageCache is not null)
        {
            start.Environment["NUGET_PACKAGES"] = packageCache;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(
            process.ExitCode == 0,
            $"'{Path.GetFileName(program)} {string.Join(' ', arguments)}' ended with {process.ExitCode}:\n{output}\n{error.Result}");
        return output;
    }
}
