using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Backprop.Cli.Auditing;

/// <summary>Checks as a test report that build servers read: the XML that JUnit's Ant task began with.</summary>
internal static class JUnitXml
{
    /// <summary>Writes the file; the stream is left open.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="cases">The checks.</param>
    /// <param name="seconds">How long all took.</param>
    public static void Write(Stream stream, IReadOnlyList<AuditCase> cases, double seconds)
    {
        var suites = cases.GroupBy(c => c.Suite).Select(suite => new XElement(
            "testsuite",
            new XAttribute("name", Clean(suite.Key)),
            Counts([.. suite]),
            suite.Select(Element)));
        var time = new XAttribute("time", seconds.ToString("F3", CultureInfo.InvariantCulture));
        var root = new XElement("testsuites", new XAttribute("name", "backprop audit"), Counts(cases), time, suites);
        using var writer = XmlWriter.Create(stream,
            new XmlWriterSettings { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), Indent = true, CloseOutput = false });
        new XDocument(root).Save(writer);
    }

    private static IEnumerable<XAttribute> Counts(IReadOnlyList<AuditCase> cases) =>
    [
        new("tests", cases.Count),
        new("failures", cases.Count(c => c.Outcome == CaseOutcome.Failed)),
        new("errors", cases.Count(c => c.Outcome == CaseOutcome.Unfinished)),
        new("skipped", cases.Count(c => c.Outcome == CaseOutcome.Skipped)),
    ];

    private static XElement Element(AuditCase check)
    {
        var element = new XElement(
            "testcase",
            new XAttribute("classname", $"backprop.audit.{Clean(check.Suite)}"),
            new XAttribute("name", Clean(check.Name)));
        var message = Clean(check.Message);
        element.Add(check.Outcome switch
        {
            CaseOutcome.Failed => new XElement("failure", new XAttribute("message", message), new XAttribute("type", "verdict"), message),
            CaseOutcome.Unfinished => new XElement("error", new XAttribute("message", message), new XAttribute("type", "unfinished"), message),
            CaseOutcome.Skipped => new XElement("skipped", new XAttribute("message", message)),
            _ => new XElement("system-out", message),
        });
        return element;
    }

    /// <summary>Without the characters that XML has no way to write.</summary>
    private static string Clean(string text) => string.Concat(text.Where(XmlConvert.IsXmlChar));
}
