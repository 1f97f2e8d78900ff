using System.CommandLine;
using Backprop.Cli.Data;
using Backprop.Cli.Report;
using Backprop.Cli.Tasks;
using Backprop.ML;

namespace Backprop.Cli.Commands;

/// <summary><c>train</c>: from a CSV file to a model, its scores and a report.</summary>
internal static class TrainCommand
{
    /// <summary>Describes the command.</summary>
    public static Command Create(Session session)
    {
        var command = new Command("train", "Trains a network on a CSV file through an ML.NET pipeline.");
        var data = Choices.Text("--data", "F.csv", "The training rows.", required: true);
        var task = Choices.Task(
            "What the label is, with options such as multiclass(smoothing=0.1), regression(huber(1)) or quantile(0.05,0.5,0.95).",
            TabularTask.Names,
            TabularTask.HeadOf,
            required: true);
        var test = Choices.Text("--test", "F.csv", "Rows to evaluate on.");
        command.Add(data);
        command.Add(test);
        command.Add(task);
        var columns = new ColumnOptions(command);
        var dialect = new DialectChoices(command);
        var training = new TrainingChoices(command);
        var model = Choices.Text("--model", "M.zip", "Where to save the model.");
        var metrics = Choices.Text("--metrics", "M.json", "Where to write the scores as JSON.");
        var html = Choices.Text("--html", "R.html", "Where to write a report.");
        command.Add(model);
        command.Add(metrics);
        command.Add(html);
        command.SetAction(parsed =>
        {
            var (head, dataPath, testPath) = (parsed.GetValue(task)!, parsed.GetValue(data)!, parsed.GetValue(test));
            var (modelPath, metricsPath, htmlPath) = (parsed.GetValue(model), parsed.GetValue(metrics), parsed.GetValue(html));
            var (choices, style) = (columns.Read(parsed), dialect.Read(parsed, CsvDialect.Standard));
            var options = training.Read(parsed);
            options.Cancellation = session.Cancellation;
            using var outputs = new OutputFiles([dataPath, testPath, options.Checkpoint?.Path], [modelPath, metricsPath, htmlPath]);
            OutputFiles.RequireWritable(options.Checkpoint?.Path);
            var testSource = testPath is null ? null : CsvSource.File(testPath, style);
            var files = TrainingData.Read(head, CsvSource.File(dataPath, style), testSource, choices, session.Cancellation);

            var (trained, evaluation) = Train(session, files, options);
            outputs.Write(modelPath, trained.Save);
            outputs.Write(metricsPath, stream => MetricsFile.Write(stream, head, trained, options, evaluation));
            var title = $"'{choices.Label}' learned from {Path.GetFileName(dataPath)}";
            outputs.Write(htmlPath, stream => TrainingReport.Write(stream, title, trained, options, evaluation));
            outputs.Commit();
            return BackpropTool.Ok;
        });
        return command;
    }

    /// <summary>Trains and evaluates, and says so.</summary>
    public static (TrainedModel Trained, Evaluation? Evaluation) Train(
        Session session, TrainingData data, MultilayerPerceptronOptions options)
    {
        session.Say($"{data.Rows} rows, {data.Features} feature columns, task {data.Task.Head}.");
        foreach (var remark in data.Remarks)
        {
            session.Say(remark);
        }

        var trained = Fit(session, data, options);
        var (network, epochs) = (trained.Model.Network.Model, trained.Model.History.Count);
        session.Say($"Kept epoch {trained.Model.BestEpoch} of {epochs}, network {network}, {trained.Seconds:F1} s.");
        var evaluation = trained.Evaluate();
        if (evaluation is not null)
        {
            session.Say($"On {data.TestRows} test rows: {string.Join(", ", evaluation.Metrics.Select(m => $"{m.Key} {m.Value:G5}"))}.");
        }

        return (trained, evaluation);
    }

    private static TrainedModel Fit(Session session, TrainingData data, MultilayerPerceptronOptions options)
    {
        try
        {
            return EpochDisplay.Show(session, options, () => data.Fit(options, session.Warn));
        }
        catch (OperationCanceledException) when (File.Exists(options.Checkpoint?.Path))
        {
            session.Warn($"Training is saved in '{options.Checkpoint.Path}': the same command goes on from there.");
            throw;
        }
    }
}
