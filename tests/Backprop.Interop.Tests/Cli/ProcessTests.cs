using System.Diagnostics;
using System.Text.Json.Nodes;
using Backprop.Cli;

namespace Backprop.Interop.Tests.Cli;

/// <summary>The tool as a process of its own, and what stops it.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly Tool tool = new();

    [Fact]
    public void TheProcessReturnsTheExitCodeAndTheSentence()
    {
        var (exitCode, _, error) = Start("train", "--data", tool["none.csv"], "--label", "y", "--task", "binary");
        Assert.Equal(2, exitCode);
        Assert.StartsWith("There is no file", error);
        Assert.DoesNotContain("   at ", error);
    }

    [Fact]
    public void HelpNamesEveryCommand()
    {
        var (exitCode, output, _) = Start("--help");
        Assert.Equal(0, exitCode);
        Assert.All(new[] { "demo", "train", "predict", "audit", "textbook" }, command => Assert.Contains(command, output));
    }

    [Fact]
    public void CancellingTrainingLeavesNoFile()
    {
        using var cancel = new CancellationTokenSource();
        tool.Write("f.csv", Samples.Of(200, seed: 1, Samples.YesNo));
        const string Train = "train --data @f.csv --label label --task binary --preset plain --epochs 100000 --threads 1 --model @m.zip";
        var run = tool.Run(Train, cancel.Token, new CancelOn("epoch", cancel));
        Assert.Equal(BackpropTool.Cancelled, run.ExitCode);
        Assert.StartsWith("Cancelled", run.Error);
        Assert.Equal(["f.csv"], tool.Files);
    }

    [Fact]
    public void AStoppedRunMayKeepItsBestEpoch()
    {
        tool.Write("f.csv", Samples.Of(200, seed: 1, Samples.YesNo));
        using var cancel = new CancellationTokenSource();
        const string Train = "train --data @f.csv --label label --task binary --preset plain --hidden 4 --epochs 100000 --threads 1 --keep-best --model @m.zip";
        var run = tool.Run(Train, cancel.Token, new CancelOn("epoch   5", cancel));
        Assert.Equal(BackpropTool.Ok, run.ExitCode);
        Assert.StartsWith("Stopped after epoch 5; the best so far is kept.", run.Error);
        Assert.Equal(["f.csv", "m.zip"], tool.Files);
        tool.Succeed("predict --model @m.zip --data @f.csv --out @p.csv");
    }

    [Fact]
    public void AStoppedRunGoesOnFromItsCheckpointToTheSameWeights()
    {
        tool.Write("f.csv", Samples.Of(200, seed: 1, Samples.YesNo));
        string Hash() => JsonNode.Parse(File.ReadAllText(tool["m.json"]))!["weightHash"]!.GetValue<string>();
        const string Train = "train --data @f.csv --label label --task binary --preset plain --hidden 8 --epochs 12 --threads 1 --metrics @m.json";
        tool.Succeed(Train);
        var hash = Hash();
        File.Delete(tool["m.json"]);

        using var cancel = new CancellationTokenSource();
        var run = tool.Run($"{Train} --checkpoint @c.state", cancel.Token, new CancelOn("epoch   5", cancel));
        Assert.Equal(BackpropTool.Cancelled, run.ExitCode);
        Assert.Contains("c.state': the same command goes on from there.", run.Error);
        Assert.Equal(["c.state", "f.csv"], tool.Files);

        var output = tool.Succeed($"{Train} --checkpoint @c.state");
        Assert.DoesNotContain("epoch   3", output);
        Assert.Contains("epoch  12", output);
        Assert.Equal(hash, Hash());
    }

    [Theory, InlineData("EnableAVX512"), InlineData("EnableAVX2"), InlineData("EnableFMA"), InlineData("EnableHWIntrinsic")]
    public void AProcessorWithFewerInstructionsGivesTheSameWeights(string missing)
    {
        tool.Write("t.csv", Samples.Of(200, seed: 3, Samples.Three));
        string Hash(string file, params (string, string)[] environment)
        {
            string[] args = ["train", "--data", tool["t.csv"], "--label", "label", "--task", "multiclass", "--epochs", "2", "--model", tool[$"{file}.zip"],
                "--metrics", tool[$"{file}.json"]];
            var (exitCode, _, error) = Start(args, environment);
            Assert.True(exitCode == 0, error);
            return JsonNode.Parse(File.ReadAllText(tool[$"{file}.json"]))!["weightHash"]!.GetValue<string>();
        }

        Assert.Equal(Hash("all"), Hash("fewer", ($"DOTNET_{missing}", "0")));
    }

    public void Dispose() => tool.Dispose();

    private static (int ExitCode, string Output, string Error) Start(params string[] args) => Start(args, []);

    private static (int ExitCode, string Output, string Error) Start(string[] args, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(BackpropTool).Assembly.Location, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    /// <summary>Cancels as soon as a line begins with that word.</summary>
    private sealed class CancelOn(string word, CancellationTokenSource cancel) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.StartsWith(word, StringComparison.Ordinal) == true)
            {
                cancel.Cancel();
            }
        }
    }
}
