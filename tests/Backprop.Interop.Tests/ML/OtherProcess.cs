using System.Diagnostics;
using Microsoft.ML;

namespace Backprop.Interop.Tests.ML;

/// <summary>This assembly started as a program: loads a model knowing nothing but ML.NET, and writes its scores to standard output.</summary>
internal static class OtherProcess
{
    /// <summary>Scores saved data with a saved model in a new process; a line for each row, after one that says what was loaded before.</summary>
    internal static List<string> Score(string modelPath, string dataPath)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { "exec", typeof(OtherProcess).Assembly.Location, modelPath, dataPath },
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}: {output}");
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
    }

    private static void Main(string[] args)
    {
        Console.WriteLine($"Backprop.ML loaded before: {AppDomain.CurrentDomain.GetAssemblies().Any(a => a.GetName().Name == "Backprop.ML")}");
        var context = new MLContext();
        var model = context.Model.Load(args[0], out _);
        Scores.Of(model.Transform(context.Data.LoadFromBinary(args[1]))).ForEach(Console.WriteLine);
    }
}
