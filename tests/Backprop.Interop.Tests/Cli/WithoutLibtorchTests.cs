using System.Diagnostics;
using System.Text.Json;
using Backprop.Interop.Tests.Torch;

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
        var result = JsonDocument.Parse(File.ReadAllText(tool["a.json"])).RootElement.GetProperty("result");
        var gradients = result.GetProperty("gradients")[0];
        Assert.Contains("libLibTorchSharp", gradients.GetProperty("torchMissing").GetString());
        Assert.All(gradients.GetProperty("tensors").EnumerateArray(), tensor => Assert.Equal("agrees", tensor.GetProperty("verdict").GetString()));
        Assert.All(result.GetProperty("drifts").EnumerateArray(), drift => Assert.Equal("agrees", drift.GetProperty("verdict").GetString()));

        var page = ReportTests.Parse(tool["a.html"]);
        Assert.Equal(["agreement", "errors", "steps", "drift", "sure", "about"], ReportTests.SectionsOf(page));
        Assert.Contains("Witnesses are two: this engine in float32, and a reference in float64.", page.Value);
        Assert.DoesNotContain("NaN", page.Descendants("main").Single().Value);
        Assert.DoesNotContain("in libtorch, both in float32", page.Value);
        Assert.DoesNotContain("libtorch, float32", page.Value);
        Assert.DoesNotContain("NaN", File.ReadAllText(tool["a.xml"]));
        Assert.DoesNotContain("NaN", said);
    }

    [Fact]
    public void EverythingIsAuditedAsFarAsItCanBe()
    {
        var (exitCode, said) = Run("audit", "--all", "--quick", "--cases", "2", "--json", tool["a.json"], "--html", tool["a.html"]);
        Assert.True(exitCode == 0, said);
        var result = JsonDocument.Parse(File.ReadAllText(tool["a.json"])).RootElement.GetProperty("result");
        Assert.All(result.GetProperty("notRun").EnumerateArray(), check => Assert.Contains("libLibTorchSharp", check.GetProperty("reason").GetString()));
        Assert.Equal(2, result.GetProperty("sweep").GetProperty("cases").GetInt32());
        Assert.Equal(1, result.GetProperty("gradients").GetArrayLength());

        var findings = result.GetProperty("findings").EnumerateArray().ToList();
        string[] compared =
        [
            "value in double", "rule and autograd beside dual numbers", "steps on given gradients in double", "scores in float", "f″ in double",
            "Hessian times vector in double", "rates beside the closed formula and PyTorch's", "libtorch's numbers in double",
        ];
        Assert.All(compared, check => Assert.All(
            findings.Where(finding => finding.GetProperty("check").GetString() == check).DefaultIfEmpty(),
            finding => Assert.Contains("libLibTorchSharp", finding.GetProperty("where").GetString())));

        var kills = result.GetProperty("kills").EnumerateArray().ToList();
        var tried = kills.Count(kill => kill.GetProperty("isTried").GetBoolean());
        Assert.InRange(tried, 1, kills.Count - 1);
        var page = ReportTests.Parse(tool["a.html"]).Value;
        Assert.Contains($"{tried} of {tried}known defects, put in on purpose, are seen; {kills.Count - tried} not tried", page);
        Assert.Contains($"{tried} of {tried} defects are seen; {kills.Count - tried} could not be tried, as they need libtorch", page);
        Assert.DoesNotContain("NOT SEEN", page);
        Assert.DoesNotContain("NaN times", page);
    }

    [LinuxFact]
    public void AFileOfLibtorchThatWasCutIsNamedAndTheAuditGoesOnWithout()
    {
        Link("libc10.so", "libtorch.so", "libgomp-98b21ff3.so.1", "libLibTorchSharp.so");
        using (var whole = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "libtorch_cpu.so")))
        {
            var part = new byte[100_000];
            whole.ReadExactly(part);
            File.WriteAllBytes(tool["libtorch_cpu.so"], part);
        }

        var (exitCode, said) = Run("audit", "--mlp", "4-3", "--steps", "1");
        Assert.True(exitCode == 0, said);
        Assert.Contains($"libtorch cannot be loaded: {tool["libtorch_cpu.so"]} is damaged: it ends after 100000 of ", said);
        Assert.Contains("install this program again", said);
        Assert.DoesNotContain("libstdc++", said);
    }

    [LinuxFact]
    public void AFileOfLibtorchThatEndsTheProcessIsOneSentenceAndTheAuditGoesOnWithout()
    {
        Link("libtorch_cpu.so", "libtorch.so", "libgomp-98b21ff3.so.1", "libLibTorchSharp.so");
        File.WriteAllBytes(tool["libc10.so"], WithoutCode(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libc10.so"))));
        var (exitCode, said) = Run("audit", "--mlp", "4-3", "--steps", "1");
        Assert.True(exitCode == 0, said);
        Assert.Matches(
            "Without libtorch as a witness: libtorch cannot be loaded: the process that tried ended with SIG[A-Z]+.*, so a file of it in .* is damaged", said);
        Assert.DoesNotContain("Not finished", said);
    }

    public void Dispose() => tool.Dispose();

    private void Link(params string[] libraries)
    {
        foreach (var library in libraries)
        {
            File.CreateSymbolicLink(tool[library], Path.Combine(AppContext.BaseDirectory, library));
        }
    }

    /// <summary>A shared library whose instructions are zeros (System V ABI, chapter 4: section headers).</summary>
    private static byte[] WithoutCode(byte[] library)
    {
        const long Instructions = 4;
        const int HeaderSize = 64;
        var (first, count) = ((int)BitConverter.ToInt64(library, 40), BitConverter.ToInt16(library, 60));
        foreach (var at in Enumerable.Range(0, count).Select(i => first + i * HeaderSize).Where(at => (BitConverter.ToInt64(library, at + 8) & Instructions) != 0).ToList())
        {
            library.AsSpan((int)BitConverter.ToInt64(library, at + 24), (int)BitConverter.ToInt64(library, at + 32)).Clear();
        }

        return library;
    }

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
