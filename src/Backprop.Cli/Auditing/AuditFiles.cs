using System.CommandLine;
using Backprop.Cli.Commands;
using Backprop.Cli.Data;

namespace Backprop.Cli.Auditing;

/// <summary>The files an audit writes.</summary>
internal sealed class AuditFiles
{
    private readonly Option<string?> html = Choices.Text("--html", "A.html", "Where to write the report.");
    private readonly Option<string?> json = Choices.Text("--json", "A.json", "Where to write the findings as JSON.");
    private readonly Option<string?> junit = Choices.Text("--junit", "A.xml", "Where to write the checks as test cases, in JUnit's XML.");

    /// <summary>Adds the options.</summary>
    public AuditFiles(Command command)
    {
        command.Add(html);
        command.Add(json);
        command.Add(junit);
    }

    /// <summary>Reserves their places.</summary>
    public OutputFiles Reserve(ParseResult parsed, params IEnumerable<string?> inputs)
        => new(inputs, [parsed.GetValue(html), parsed.GetValue(json), parsed.GetValue(junit)]);

    /// <summary>Writes what was asked for.</summary>
    /// <param name="parsed">The choices.</param>
    /// <param name="outputs">The reserved places.</param>
    /// <param name="result">What was found.</param>
    /// <param name="seconds">In what time.</param>
    /// <param name="writeJson">Writes the JSON.</param>
    /// <param name="writeHtml">Writes the page.</param>
    public void Write(
        ParseResult parsed, OutputFiles outputs, AuditResult result, double seconds, Action<Stream> writeJson, Action<Stream> writeHtml)
    {
        outputs.Write(parsed.GetValue(json), writeJson);
        outputs.Write(parsed.GetValue(junit), stream => JUnitXml.Write(stream, result.Cases, seconds));
        outputs.Write(parsed.GetValue(html), writeHtml);
    }
}
