using System.CommandLine;
using Backprop.Cli.Data;
using Backprop.Cli.Tasks;

namespace Backprop.Cli.Commands;

/// <summary>The files a training reads, and how they are written.</summary>
internal sealed class FileChoices
{
    private readonly Option<string?> data = Choices.Text("--data", "F.csv", "The training rows.", required: true);
    private readonly Option<string?> validation = Choices.Text(
        "--validation", "F.csv", "Rows that choose the best epoch, instead of a share of the training rows.");
    private readonly Option<string?> test = Choices.Text("--test", "F.csv", "Rows to evaluate on.");
    private readonly Option<string?> start = Choices.Text("--continue", "M.zip", "A saved model to train further: its columns, classes and layers stay.");
    private readonly DialectChoices dialect;

    /// <summary>Adds the options.</summary>
    public FileChoices(Command command)
    {
        foreach (var option in new Option[] { data, validation, test, start })
        {
            command.Add(option);
        }

        dialect = new(command);
    }

    /// <summary>The paths of all files that are read.</summary>
    public IEnumerable<string?> Paths(ParseResult parsed) => [DataPath(parsed), parsed.GetValue(validation), parsed.GetValue(test), parsed.GetValue(start)];

    /// <summary>Where the training rows are.</summary>
    public string DataPath(ParseResult parsed) => parsed.GetValue(data)!;

    /// <summary>The files, and the model to train further, if one is named.</summary>
    public (TrainingFiles Files, StartingPoint? Start) Read(ParseResult parsed)
    {
        var saved = parsed.GetValue(start) is { } path ? SavedModel.Load(path) : null;
        var style = dialect.Read(parsed, saved?.Dialect ?? CsvDialect.Standard);
        CsvSource? Source(string? name) => name is null ? null : CsvSource.File(name, style);
        var files = new TrainingFiles(Source(DataPath(parsed))!) { Validation = Source(parsed.GetValue(validation)), Test = Source(parsed.GetValue(test)) };
        return (files, saved is null ? null : StartingPoint.Of(saved));
    }
}
