using System.Diagnostics;
using System.Text.Json;

namespace Backprop.Interop.Tests.Cli;

/// <summary>The tool without libtorch beside it: two witnesses are left, and what needs libtorch is listed as not run.</summary>
public sealed class WithoutLibtorchTests : IDisposable
{
    private readonly Tool tool = new();

    public WithoutLibtorchTests()
    {
        // What is managed, and nothing native.
        foreach (var path in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll").Concat(Directory.EnumerateFiles(AppContext.BaseDirectory, "Backprop.Cli.*.json")))
        {
            File.Copy(path, tool[Path.GetFileName(path)]);
        }
    }

    [Fact]
    public void ANetworksGradientsAreStillAudited()
    {
        var (exitCode, said) = Run("audit", "--mlp", "4-16-3", "--json", tool["a.json"], "--html", tool["a.html"], "--junit", tool["a.xml"]);
        Assert.True(exitCode == 0, said);
        Assert.Contains("Without libtorch", said);
        var gradients = JsonDocument.Parse(File.ReadAllText(tool["a.json"])).RootElement.GetProperty("gradients");
        Assert.Contains("libLibTorchSharp", gradients.GetProperty("torchMissing").GetString());
        Assert.All(gradients.GetProperty("tensors").EnumerateArray(), tensor => Assert.Equal("agrees", tensor.GetProperty("verdict").GetString()));

        var page = ReportTests.Parse(tool["a.html"]);
        Assert.Equal(["agreement", "errors", "not-run", "about"], ReportTests.SectionsOf(page));
        Assert.Contains("libtorch is no witness here", page.Value);
    }

    [Fact]
    public void EverythingIsAuditedAsFarAsItCanBe()
    {
        var (exitCode, said) = Run("audit", "--all", "--quick", "--cases", "2", "--json", tool["a.json"]);
        Assert.True(exitCode == 0, said);
        var result = JsonDocument.Parse(File.ReadAllText(tool["a.json"])).RootElement.GetProperty("result");
        Assert.All(result.GetProperty("notRun").EnumerateArray(), check => Assert.Contains("libLibTorchSharp", check.GetProperty("reason").GetString()));
        Assert.Equal(2, result.GetProperty("sweep").GetProperty("cases").GetInt32());
        Assert.Equal(1, result.GetProperty("gradients").GetArrayLength());
    }

    public void Dispose() => tool.Dispose();

    private (int ExitCode, string Said) Run(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [tool["Backprop.Cli.dll"], .. args]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }
}
