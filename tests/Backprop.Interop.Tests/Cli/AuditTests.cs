using System.Text.Json;
using Backprop.Audit;
using Backprop.Cli;
using Backprop.Cli.Auditing;
using Backprop.Cli.Commands;
using Backprop.Cli.Report;

namespace Backprop.Interop.Tests.Cli;

/// <summary>The audit command: its exit code says whether every tensor agrees, its JSON which.</summary>
public sealed class AuditTests : IDisposable
{
    private readonly Tool tool = new();

    [Theory]
    [InlineData("--mlp 4-16-3")]
    [InlineData("--mlp 10-20-1 --activation tanh --task binary --optimizer sgd --batch 7 --seed 9")]
    [InlineData("--mlp 6-8-2 --activation silu --task regression --optimizer adam --vector-bits 128")]
    public void ARightEngineAgrees(string options)
    {
        tool.Succeed($"audit {options} --steps 3 --json @a.json");
        var json = JsonDocument.Parse(File.ReadAllText(tool["a.json"])).RootElement;
        Assert.Equal(["subject", "seed", "about", "exitCode", "result"], Names(json));
        Assert.Equal(
            ["gradients", "steps", "drifts", "findings", "conventions", "kills", "sweep", "repeated", "notRun", "unfinished"],
            Names(json.GetProperty("result")));
        Assert.Equal(["Command", "Network", "Weights", "Rows", "Time"], Names(json.GetProperty("about")));
        Assert.StartsWith($"backprop audit {options} --steps 3", json.GetProperty("about").GetProperty("Command").GetString());
        Assert.Equal(0, json.GetProperty("exitCode").GetInt32());

        var tensors = json.GetProperty("result").GetProperty("gradients")[0].GetProperty("tensors").EnumerateArray().ToList();
        var gradients = tensors.Select(t => t.GetProperty("name").GetString()).Where(name => name!.Contains('.'));
        Assert.Equal(["0.weight", "0.bias", "2.weight", "2.bias"], gradients);
        Assert.All(tensors, t => Assert.Equal("agrees", t.GetProperty("verdict").GetString()));
        Assert.All(json.GetProperty("result").GetProperty("drifts").EnumerateArray(), d => Assert.Equal(3, d.GetProperty("steps").GetArrayLength()));
    }

    [Fact]
    public void ATrainedModelIsAuditedOnRandomRowsOrOnThoseGiven()
    {
        tool.Write("f.csv", Samples.Of(50, seed: 1, Samples.Three));
        tool.Succeed("train --data @f.csv --label label --task multiclass --hidden 8 --epochs 2 --threads 1 --model @m.zip");
        var random = tool.Succeed("audit --model @m.zip --steps 2");
        Assert.Matches(@"Weights: of m\.zip, SHA-256 [0-9a-f]{64}\.\nRows: 64 random ones of seed 1, with random targets\.\nGradients on 64 rows", random);
        var given = tool.Succeed("audit --model @m.zip --data @f.csv --steps 2 --batch 20 --seed 3");
        Assert.Matches(@"Rows: the first 20 of f\.csv, with random targets of seed 3\.\nGradients on 20 rows", given);
        Assert.Contains("Gradients on 50 rows", tool.Succeed("audit --model @m.zip --data @f.csv --steps 2"));
    }

    [Theory]
    [InlineData(Verdict.Agrees, 0)]
    [InlineData(Verdict.TheirsWorse, 0)]
    [InlineData(Verdict.Undecided, 0)]
    [InlineData(Verdict.ReferenceDoubtful, 1)]
    [InlineData(Verdict.OursWorse, 1)]
    public void AFailingTensorMakesExitCode1(Verdict verdict, int exitCode)
    {
        var tensor = new TensorAgreement("0.weight", 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, verdict);
        Assert.Equal(exitCode, new AuditResult { Gradients = [new("1-1", 1, 1, 1, 1, [tensor], [])] }.ExitCode);
        Assert.Equal(exitCode, new AuditResult { Drifts = [new("sgd", [new(1, 1, 1, 1, 1)], 1, verdict)] }.ExitCode);
        var both = new AuditResult { Drifts = [new("sgd", [new(1, 1, 1, 1, 1)], 1, verdict)], Unfinished = [new("a check", "It ended.")] };
        Assert.Equal(exitCode == 0 ? BackpropTool.Unfinished : exitCode, both.ExitCode);
    }

    /// <summary>The page's first sentence says no more than the verdicts do.</summary>
    [Theory]
    [InlineData("Agrees", "than rounding explains, in 1 of 1 checks.", "Undecided")]
    [InlineData("TheirsWorse", "In 1 libtorch's are worse than rounding explains.", "Undecided")]
    [InlineData("Undecided", "Nothing speaks against this engine, and nothing for it: no check could be decided. Undecided or not run, 1 say nothing.", "than rounding explains")]
    [InlineData("Agrees Undecided", "in 1 of 2 checks. Undecided or not run, 1 say nothing.", "nothing for it")]
    [InlineData("Agrees OursWorse", "1 of 2 checks speak against this engine.", "Nothing speaks")]
    public void TheReportIsWordedByVerdict(string verdicts, string said, string unsaid)
    {
        var findings = verdicts.Split(' ').Select(verdict => new Finding("a", "b", verdict, Enum.Parse<Verdict>(verdict), 0.5, "there"));
        using var page = new MemoryStream();
        AuditReport.Write(page, "something", new() { Findings = [.. findings] }, []);
        var text = System.Net.WebUtility.HtmlDecode(System.Text.Encoding.UTF8.GetString(page.ToArray()));
        Assert.Contains(said, text, StringComparison.Ordinal);
        Assert.DoesNotContain(unsaid, text.Split("<p class=\"lead\">")[1].Split("</p>")[0], StringComparison.Ordinal);
    }

    [Fact]
    public void TheConsoleSaysWhatCameOfRandomNetworksAndEndsSentencesOnce()
    {
        using var said = new StringWriter();
        var tensor = new TensorAgreement("0.weight", 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, Verdict.TheirsWorse)
        {
            Reference = "The plain loops side with ours.",
            Reason = "sigmoid below -87: the exponential overflows",
        };
        var result = new AuditResult
        {
            Gradients = [new("1-1", 1, 1, 1, 1, [tensor, tensor with { Reason = null }], [])],
            Drifts = [new("sgd", [new(1, 1, 1, 1, 1)], 1, Verdict.Undecided) { Reason = "Nothing can be told." }],
            Sweep = new() { Cases = 5, Repeated = 2 },
        };
        var session = new Session(said, said, default);
        AuditDisplay.Show(session, result, []);
        AuditDisplay.Summarise(session, result, TimeSpan.FromSeconds(1));
        Assert.Contains("Random networks: 5 networks of seed 0, 0 numbers: none fails; 2 failed at first and not when run again", said.ToString());
        Assert.Contains("side with ours; sigmoid below -87: the exponential overflows.", said.ToString());
        Assert.All(result.Cases.Select(check => check.Message).Append(said.ToString()), text => Assert.DoesNotMatch(@"\.[.;]", text));
    }

    [Fact]
    public void LibtorchIsMissingWhereNobodyHasIt()
    {
        DriftReport Drift(string? missing) => new("sgd", [new(1, 1, 1, 1, 1)], 1, Verdict.Agrees) { TorchMissing = missing };
        Assert.Equal("gone", new AuditResult { Drifts = [Drift("gone")] }.TorchMissing);
        var both = new AuditResult { Drifts = [Drift("gone"), Drift(null)] };
        Assert.True(both is { TorchMissing: null, TorchIsPartlyMissing: true });
        Assert.True(AuditResult.Nothing is { TorchMissing: null, TorchIsPartlyMissing: false });
        Assert.Contains("gone", AuditCase.Of(Drift("gone")).Message, StringComparison.Ordinal);
    }

    public void Dispose() => tool.Dispose();

    private static string[] Names(JsonElement of) => [.. of.EnumerateObject().Select(property => property.Name)];
}
