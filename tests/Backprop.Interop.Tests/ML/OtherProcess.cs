using System.Diagnostics;
using Microsoft.ML;

namespace Backprop.Interop.Tests.ML;

/// <summary>
/// This assembly started as a program: loads a model knowing nothing but ML.NET, and writes its scores to standard output; or trains, to be killed;
/// or does pieces of an audit.
/// </summary>
internal static class OtherProcess
{
    /// <summary>Scores saved data with a saved model in a new process; a line for each row, after one that says what was loaded before.</summary>
    internal static List<string> Score(string modelPath, string dataPath)
    {
        using var process = Start(modelPath, dataPath);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}: {output}");
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
    }

    /// <summary>Starts a new process and kills it as soon as it has written a line.</summary>
    internal static void KillAt(string line, params string[] args)
    {
        using var process = Start(args);
        string? read;
        do
        {
            read = process.StandardOutput.ReadLine();
        }
        while (read is not null && read != line);
        process.Kill();
        process.WaitForExit();
        Assert.True(read is not null, $"exit code {process.ExitCode}, without '{line}'");
        Assert.NotEqual(0, process.ExitCode);
    }

    /// <summary>How this assembly is started.</summary>
    internal static ProcessStartInfo StartInfo(params string[] args)
        => new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", typeof(OtherProcess).Assembly.Location, .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };

    private static Process Start(params string[] args) => Process.Start(StartInfo(args))!;

    private static void Main(string[] args)
    {
        if (args[0] == KilledTrainingTests.Command)
        {
            KilledTrainingTests.Train(args);
            return;
        }

        if (args[0] == Cli.PieceProcessTests.Command)
        {
            Cli.PieceProcessTests.Serve();
            return;
        }

        if (args[0] == Cli.PieceProcessTests.ParentCommand)
        {
            Cli.PieceProcessTests.BeParent();
            return;
        }

        Console.WriteLine($"Backprop.ML loaded before: {AppDomain.CurrentDomain.GetAssemblies().Any(a => a.GetName().Name == "Backprop.ML")}");
        var context = new MLContext();
        var model = context.Model.Load(args[0], out _);
        Scores.Of(model.Transform(context.Data.LoadFromBinary(args[1]))).ForEach(Console.WriteLine);
    }
}
