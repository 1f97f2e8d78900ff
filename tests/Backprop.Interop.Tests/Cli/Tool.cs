using Backprop.Cli;

namespace Backprop.Interop.Tests.Cli;

/// <summary>What a run of the tool left behind.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error);

/// <summary>The tool run in this process, in a folder of its own that is deleted afterwards.</summary>
public sealed class Tool : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("backprop-cli-");

    /// <summary>The path of a file in the folder.</summary>
    internal string this[string name] => Path.Combine(folder.FullName, name);

    /// <summary>The names of all files in the folder, sub-folders included.</summary>
    internal string[] Files => [.. folder.EnumerateFiles("*", SearchOption.AllDirectories).Select(file => file.Name).Order()];

    /// <summary>Writes a file.</summary>
    internal string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    /// <summary>Runs a command; every word <c>@name</c> becomes the path of that file in the folder.</summary>
    internal ToolRun Run(string command, CancellationToken cancellation = default, TextWriter? output = null)
    {
        var (said, error) = (output ?? new StringWriter(), new StringWriter());
        string[] words = [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => w[0] == '@' ? this[w[1..]] : w)];
        return new(BackpropTool.Run(words, said, error, cancellation), said.ToString()!, error.ToString());
    }

    /// <summary>Runs a command that has to succeed.</summary>
    internal string Succeed(string command)
    {
        var run = Run(command);
        Assert.True(run.ExitCode == 0, $"'{command}' ended with {run.ExitCode}: {run.Error}");
        return run.Output;
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Delete(recursive: true);
}
