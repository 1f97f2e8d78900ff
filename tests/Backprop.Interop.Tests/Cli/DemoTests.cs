using Backprop.Audit;
using Backprop.Cli.Report;
using Backprop.Interop.Tests.Torch;

namespace Backprop.Interop.Tests.Cli;

/// <summary>The main job, end to end.</summary>
[Collection(TorchCollection.Name)]
public sealed class DemoTests : IDisposable
{
    private readonly Tool tool = new();

    [Fact]
    public async Task TheDemoPassesItsOwnChecksAndWritesItsReport()
    {
        var said = tool.Succeed("--out @out");
        Assert.Contains("the same bits in both processes", said);
        Assert.Contains("epoch   1", said);
        Assert.Contains(Path.Combine(tool["out"], "report.html"), said);
        Assert.Equal(["optdigits.test.csv", "optdigits.zip", "predictions.csv", "report.html"], tool.Files);

        var page = ReportTests.Parse(Path.Combine(tool["out"], "report.html"));
        Assert.Equal(["loss", "confusion", "agreement", "steps", "drift", "timing", "about"], ReportTests.SectionsOf(page));
        Assert.Contains("0.weight", page.Value);
        Assert.Contains("CC BY 4.0", page.Value);
        Assert.Equal(2 * 5, page.Descendants("svg").Count()); // loss, and steps and drift with two optimizers: each for wide and for narrow screens
        if (Browser.Missing is null)
        {
            await using var browser = await Browser.Start();
            await browser.Check(Path.Combine(tool["out"], "report.html"));
        }
    }

    [Theory]
    [InlineData(Verdict.Agrees, true)]
    [InlineData(Verdict.TheirsWorse, true)]
    [InlineData(Verdict.Undecided, true)]
    [InlineData(Verdict.ReferenceDoubtful, false)]
    [InlineData(Verdict.OursWorse, false)]
    public void AVerdictOnAnyPartOfItsAuditCounts(Verdict verdict, bool passes)
    {
        var tensor = new TensorAgreement("0.weight", 1, 1, 1e-8, 1e-8, 1e-7, 0, 0, 1, 1, 1, 0.1, Verdict.Agrees);
        StepReport Step(Verdict of) => new("adam", [new(1, tensor), new(3, tensor with { Verdict = of })]) { Made = 3 };
        DriftReport Drift(Verdict of) => new("adam", [new(1, 1e-7, 1e-7, 1, 1)], 1e-3, of);
        GradientReport Gradient(Verdict of) => new("1-1", 1, 1, 1, 1, [tensor with { Verdict = of }], []);
        bool Passes(GradientReport gradient, StepReport step, DriftReport drift) => new DemoResult(
            null!, null!, new([new("accuracy", 0.99), new("logLoss", 0.04)], null), 0.985, new(1, 10, 0),
            new() { Gradients = [gradient], Steps = [Step(Verdict.Agrees), step], Drifts = [drift] }, []).Passed;
        var (gradients, steps, drifts) = (Gradient(Verdict.Agrees), Step(Verdict.Agrees), Drift(Verdict.Agrees));
        Assert.Equal(passes, Passes(Gradient(verdict), steps, drifts));
        Assert.Equal(passes, Passes(gradients, Step(verdict), drifts));
        Assert.Equal(passes, Passes(gradients, steps, Drift(verdict)));
    }

    public void Dispose() => tool.Dispose();
}
