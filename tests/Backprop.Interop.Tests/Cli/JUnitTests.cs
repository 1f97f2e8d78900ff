using System.Globalization;
using System.Xml.Linq;
using Backprop.Audit;
using Backprop.Cli.Auditing;

namespace Backprop.Interop.Tests.Cli;

/// <summary>JUnit's XML counts what it holds, and names each check once.</summary>
public sealed class JUnitTests
{
    [Theory]
    [InlineData(Verdict.Agrees, 0)]
    [InlineData(Verdict.OursWorse, 5)]
    public void CountsAreThoseOfTheTestCases(Verdict verdict, int failures)
    {
        var root = Written(AuditSample.Of(verdict)).Root!;
        Assert.Equal("testsuites", root.Name);
        Assert.Equal(failures, Number(root, "failures"));
        Assert.Equal(1.5, (double)root.Attribute("time")!);
        CountsHold(root);
        Assert.All(root.Elements(), suite =>
        {
            Assert.Equal("testsuite", suite.Name);
            Assert.NotEqual("", (string)suite.Attribute("name")!);
            CountsHold(suite);
            Assert.All(suite.Elements(), check =>
            {
                Assert.Equal("testcase", check.Name);
                Assert.StartsWith("backprop.audit.", (string)check.Attribute("classname")!);
                Assert.Contains(Assert.Single(check.Elements()).Name.LocalName, new[] { "failure", "error", "skipped", "system-out" });
                Assert.All(check.Elements("failure"), failure
                    => Assert.NotEqual("", (string)failure.Attribute("message")! + (string)failure.Attribute("type")!));
            });
        });
        var names = root.Descendants("testcase").Select(check => $"{check.Attribute("classname")!.Value} {check.Attribute("name")!.Value}").ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
    }

    [Fact]
    public void WhatXmlCannotHoldIsLeftOut()
    {
        var result = new AuditResult { Findings = [new("a", "b\0", "c", Verdict.OursWorse, double.NaN, "\u0001<&\"'>")] };
        var failure = Assert.Single(Written(result).Descendants("failure"));
        Assert.EndsWith("<&\"'>", (string)failure.Attribute("message")!);
    }

    [Fact]
    public void NothingIsSaidOfALibraryThatWasNotAsked()
    {
        var tensor = new TensorAgreement("loss", 1, 1, 1e-8, null, 1e-7, 0, 0, 1, null, 1, 0.1, Verdict.Agrees);
        var result = new AuditResult
        {
            Gradients = [new("1-1", 1, 1, null, 1, [tensor], []) { TorchMissing = "It is not there." }],
            Drifts = [new("sgd", [new(1, 1e-7, null, 1, null)], 1e-3, Verdict.Agrees)],
        };
        var said = Written(result).ToString();
        Assert.DoesNotContain("NaN", said);
        Assert.DoesNotContain("libtorch", said);
        Assert.Contains("drift at most 1.00×10⁻⁷, limit 0.001", said);
    }

    private static void CountsHold(XElement of)
    {
        Assert.Equal(of.Descendants("testcase").Count(), Number(of, "tests"));
        Assert.Equal(of.Descendants("failure").Count(), Number(of, "failures"));
        Assert.Equal(of.Descendants("skipped").Count(), Number(of, "skipped"));
        Assert.Equal(of.Descendants("error").Count(), Number(of, "errors"));
    }

    private static int Number(XElement of, string name) => int.Parse(of.Attribute(name)!.Value, CultureInfo.InvariantCulture);

    private static XDocument Written(AuditResult result)
    {
        using var stream = new MemoryStream();
        JUnitXml.Write(stream, result.Cases, 1.5);
        stream.Position = 0;
        return XDocument.Load(stream);
    }
}
