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

    public void Dispose() => tool.Dispose();
}
