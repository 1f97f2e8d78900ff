using System.CommandLine;
using Backprop.Cli.Data;
using Backprop.Cli.Report;
using Backprop.Cli.Tasks;
using Backprop.ML;

namespace Backprop.Cli.Commands;

/// <summary>The files a training writes.</summary>
internal sealed class ResultChoices
{
    private readonly Option<string?> model = Choices.Text("--model", "M.zip", "Where to save the model.");
    private readonly Option<string?> metrics = Choices.Text("--metrics", "M.json", "Where to write the scores as JSON.");
    private readonly Option<string?> html = Choices.Text("--html", "R.html", "Where to write a report.");

    private readonly Option<string?> onnx = Choices.Text(
        "--onnx", "M.onnx", "Where to write the model for ONNX Runtime: an input for each column, the predictions' columns as outputs.");

    private readonly Option<string?> source = Choices.Text(
        "--csharp", "Net.cs", "Where to write the network as C# source without dependencies; it takes features, which a comment lists.");

    /// <summary>Adds the options.</summary>
    public ResultChoices(Command command)
    {
        foreach (var option in All)
        {
            command.Add(option);
        }
    }

    private Option<string?>[] All => [model, onnx, source, metrics, html];

    /// <summary>Refuses what cannot be written of such data.</summary>
    /// <exception cref="InputException">A column's hashes are asked for in C#.</exception>
    public void Check(ParseResult parsed, TrainingData data, MultilayerPerceptronOptions options)
    {
        if (parsed.GetValue(source) is { } path && data.Hashed(options) is { } column)
        {
            throw new InputException(
                $"--csharp '{path}' takes a number for each text, but column '{column}' has too many and is hashed by ML.NET. "
                + $"Give --ignore {column}, or --onnx instead.");
        }
    }

    /// <summary>Reserves their places.</summary>
    public OutputFiles Reserve(ParseResult parsed, IEnumerable<string?> inputs) => new(inputs, All.Select(parsed.GetValue));

    /// <summary>Writes what was asked for.</summary>
    public void Write(ParseResult parsed, OutputFiles outputs, TrainedModel trained, MultilayerPerceptronOptions options, Evaluation? evaluation, string title)
    {
        outputs.Write(parsed.GetValue(model), trained.Save);
        outputs.Write(parsed.GetValue(metrics), stream => MetricsFile.Write(stream, trained, options, evaluation));
        outputs.Write(parsed.GetValue(html), stream => TrainingReport.Write(stream, title, trained, options, evaluation));
        // Last, as not every network has such a form.
        outputs.Write(parsed.GetValue(onnx), trained.SaveOnnx);
        outputs.Write(parsed.GetValue(source), stream => NetworkSource.Write(trained, Path.GetFileNameWithoutExtension(parsed.GetValue(source)!), stream));
    }
}
