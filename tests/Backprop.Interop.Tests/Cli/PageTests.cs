using Backprop.Audit;
using Backprop.Cli.Auditing;
using Backprop.Cli.Report;
using Backprop.Interop.Tests.Torch;
using Microsoft.Playwright;

namespace Backprop.Interop.Tests.Cli;

/// <summary>Each page that the tool writes, opened in a browser.</summary>
[Collection(TorchCollection.Name)]
public sealed class PageTests : IDisposable
{
    private readonly Tool tool = new();

    [BrowserTheory]
    [InlineData("textbook --html @r.html")]
    [InlineData("audit --mlp 4-16-3 --steps 3 --html @r.html")]
    [InlineData("train --data @f.csv --test @f.csv --label label --task multiclass --hidden 8 --epochs 3 --threads 1 --html @r.html")]
    public async Task APageStandsAloneLightAndDarkWideAndNarrow(string command)
    {
        tool.Write("f.csv", Samples.Of(200, seed: 1, Samples.Three));
        tool.Succeed(command);
        await using var browser = await Browser.Start();
        await browser.Check(tool["r.html"]);
    }

    [BrowserTheory]
    [InlineData(Verdict.Agrees)]
    [InlineData(Verdict.OursWorse)]
    public async Task TheAuditsPageOfEverythingStandsAlone(Verdict verdict)
    {
        Write(AuditSample.Of(verdict));
        await using var browser = await Browser.Start();
        await browser.Check(tool["r.html"]);
    }

    [BrowserFact]
    public async Task TablesAreSortedByClickAndByKeyboard()
    {
        Write(AuditSample.Of(Verdict.OursWorse));
        await using var browser = await Browser.Start();
        var page = await browser.Chromium.NewPageAsync();
        await page.GotoAsync(new Uri(tool["r.html"]).AbsoluteUri);
        var table = page.Locator("#agreement table");
        Assert.Equal(["loss", "0.weight", "0.bias"], await Names(table));

        var error = table.Locator("thead th", new() { HasText = "Error" });
        await error.Locator("button").ClickAsync();
        Assert.Equal(("descending", "0.weight"), (await error.GetAttributeAsync("aria-sort"), (await Names(table))[0]));
        await page.Keyboard.PressAsync("Enter"); // the click gave it the focus
        Assert.Equal(("ascending", "0.weight"), (await error.GetAttributeAsync("aria-sort"), (await Names(table))[^1]));

        var first = table.Locator("thead th").First;
        await first.Locator("button").FocusAsync();
        await page.Keyboard.PressAsync("Space");
        Assert.Equal("ascending", await first.GetAttributeAsync("aria-sort"));
        Assert.Null(await error.GetAttributeAsync("aria-sort"));
        Assert.Equal(["0.bias", "0.weight", "loss"], await Names(table));
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter"); // verdicts, the worst first
        Assert.Equal("0.weight", (await Names(table))[0]);
    }

    [BrowserFact]
    public async Task WithoutItsScriptThePageSaysAllTheSame()
    {
        Write(AuditSample.Of(Verdict.Agrees));
        await using var browser = await Browser.Start();
        await using var context = await browser.Chromium.NewContextAsync(new() { JavaScriptEnabled = false });
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(tool["r.html"]).AbsoluteUri);
        Assert.Equal(["loss", "0.weight", "0.bias"], await Names(page.Locator("#agreement table")));
        Assert.Equal(0, await page.Locator("button").CountAsync());
    }

    public void Dispose() => tool.Dispose();

    private static async Task<IReadOnlyList<string>> Names(ILocator table) => await table.Locator("tbody th").AllInnerTextsAsync();

    private void Write(AuditResult result)
    {
        using var file = File.Create(tool["r.html"]);
        AuditReport.Write(file, "everything", result, [("Command", "backprop audit --all")]);
    }
}
