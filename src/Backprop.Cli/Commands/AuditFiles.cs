using System.CommandLine;
using System.Text.Json;
using Backprop.Audit;
using Backprop.Cli.Auditing;
using Backprop.Cli.Data;
using Backprop.Cli.Report;

namespace Backprop.Cli.Commands;

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
    /// <param name="plan">What was audited.</param>
    /// <param name="result">What was found.</param>
    /// <param name="time">In what time.</param>
    public void Write(ParseResult parsed, OutputFiles outputs, AuditPlan plan, AuditResult result, TimeSpan time)
    {
        (string Name, string Value)[] about =
        [
            .. plan.About,
            ("Time", $"{Readable.Number(time.TotalSeconds, 2)} s in up to {Environment.ProcessorCount} processes at a time, each with libtorch on one thread"),
        ];
        outputs.Write(parsed.GetValue(json), stream => JsonSerializer.Serialize(
            stream,
            new { plan.Subject, plan.Seed, About = about.ToDictionary(fact => fact.Name, fact => fact.Value), result.ExitCode, Result = result },
            AuditJson.Options));
        outputs.Write(parsed.GetValue(junit), stream => JUnitXml.Write(stream, result.Cases, time.TotalSeconds));
        outputs.Write(parsed.GetValue(html), stream => AuditReport.Write(stream, plan.Subject, result, about));
    }
}
