using System.Xml.Linq;

namespace Backprop.Interop.Tests.Cli;

/// <summary>The report of a training run is one well-formed file that needs nothing else.</summary>
public sealed class ReportTests : IDisposable
{
    private readonly Tool tool = new();

    [Fact]
    public void ATrainingReportHasItsSectionsAndEscapesTheUsersWords()
    {
        tool.Write("f.csv", Samples.Of(200, seed: 1, Samples.Three));
        tool.Write("t.csv", Samples.Of(100, seed: 2, Samples.Three));
        tool.Succeed("train --data @f.csv --test @t.csv --label label --task multiclass --hidden 8 --epochs 3 --threads 1 --html @r.html");
        var page = Parse(tool["r.html"]);
        Assert.Equal(["loss", "metrics", "confusion", "about"], SectionsOf(page));
        Assert.Contains("<high>, & \"dry\"", page.Descendants("th").Select(th => th.Value));
    }

    [Fact]
    public void ARegressionReportHasNoConfusionMatrix()
    {
        tool.Write("f.csv", Samples.Of(200, seed: 1, Samples.Price));
        tool.Succeed("train --data @f.csv --test @f.csv --label label --task regression --hidden 8 --epochs 1 --threads 1 --html @r.html");
        Assert.Equal(["loss", "metrics", "about"], SectionsOf(Parse(tool["r.html"])));
    }

    [Fact]
    public void AHundredClassesAreListedByTheirCommonestMistakes()
    {
        tool.Write("f.csv", "a,y\n" + string.Concat(Enumerable.Range(0, 400).Select(i => $"{i},class {i % 100}\n")));
        tool.Succeed("train --data @f.csv --test @f.csv --label y --task multiclass --hidden 4 --epochs 1 --threads 1 --html @r.html");
        var rows = Parse(tool["r.html"]).Descendants("section").Single(s => (string?)s.Attribute("id") == "confusion").Descendants("tr");
        Assert.InRange(rows.Count(), 2, 31);
    }

    public void Dispose() => tool.Dispose();

    /// <summary>Reads a report as XML, which it also is, and checks that it loads nothing.</summary>
    internal static XElement Parse(string path)
    {
        var text = File.ReadAllText(path);
        foreach (var outside in new[] { "http", "//", "<script ", "<link", "<img", "src=", "url(", "@import" })
        {
            Assert.DoesNotContain(outside, text, StringComparison.OrdinalIgnoreCase);
        }

        const string Doctype = "<!DOCTYPE html>";
        Assert.StartsWith(Doctype, text);
        Assert.Contains("prefers-color-scheme: dark", text);
        return XElement.Parse(text[Doctype.Length..]);
    }

    /// <summary>The sections' ids, in order.</summary>
    internal static IEnumerable<string?> SectionsOf(XElement page)
        => page.Descendants("section").Select(section => (string?)section.Attribute("id"));
}
