using Backprop.Cli.Report;
using Backprop.Cli.Textbook;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Interop.Tests.Cli;

/// <summary>The textbook's claims hold when the tool tries them, and its report shows them.</summary>
public sealed class TextbookTests : IDisposable
{
    private readonly Tool tool = new();

    [Fact]
    public void ItsClaimsHoldAndHavePictures()
    {
        var said = tool.Succeed("textbook --html @r.html");
        Assert.Contains("to be below 0.01", said);
        Assert.Contains("531,441", said);
        // The bits are the same on every machine, and so are the numbers of seeds.
        foreach (var (network, seeds) in new[] { ("2-2-1 tanh", 44), ("2-8-1 tanh", 100), ("2-2-1 relu", 22), ("2-8-1 relu", 95) })
        {
            Assert.Matches($@"{network}\s+│?\s*{seeds}\s+│?\s*{seeds}\b", said);
        }

        var page = ReportTests.Parse(tool["r.html"]);
        Assert.Equal(["sine", "paths", "seeds", "about"], ReportTests.SectionsOf(page));
        Assert.Equal(2 * 3, page.Descendants("svg").Count()); // the sine, its error, edges and paths: each for wide and for narrow screens
        var rows = page.Descendants("section").Single(section => (string?)section.Attribute("id") == "paths").Descendants("tbody").Single().Elements();
        Assert.Equal(Enumerable.Range(1, 12).Select(k => $"{k}|{3 * k}|{Math.Pow(3, k):N0}|{Math.Pow(3, k):N0}"), rows.Select(row => string.Join('|', row.Elements().Select(cell => cell.Value))));
    }

    [Fact]
    public void EachClaimThatDoesNotHoldFailsTheCommand()
    {
        SineFit sine = new([(0, 0)]), off = new([(0, 0.02)]);
        PathCount count = new(2, 6, 9, 9), path = count with { Edges = 9 }, wrong = count with { Gradient = 8 };
        XorSeeds all = new(Mlp.Parse("2-8-1", Activation.Of(new Tanh()), Head.Binary), 3, [1, 2, 3]), none = all with { Seeds = [] };
        Assert.True(new TextbookResult(sine, [count], [all]).Passed);
        Assert.All(
            [new(off, [count], [all]), new(sine, [count, path], [all]), new(sine, [wrong, count], [all]), new TextbookResult(sine, [count], [all, none])],
            failed => Assert.Single(failed.Checks, check => check.Good == false));
    }

    public void Dispose() => tool.Dispose();
}
