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
        var defaults = new MultilayerPerceptronOptions();
        var data = Choices.Text("--data", "F.csv", "The training rows.", required: true);
        var label = Choices.Text("--label", "COL", "The column to predict.", required: true);
        var task = Choices.Task("What the label is.", required: true);
        var test = Choices.Text("--test", "F.csv", "Rows to evaluate on.");
        var positive = Choices.Text("--positive", "VALUE", "The positive class of a binary label; by default the greater one.");
        var hidden = Choices.Hidden($"Units of the hidden layers, first to last; {string.Join(',', defaults.HiddenUnits)} by default.");
        var activation = Choices.Activation($"After each hidden layer; {defaults.Activation} by default.");
        var optimizer = Choices.Optimizer($"How weights are updated; {defaults.Optimizer.Name} by default.");
        var rate = Choices.Rate("--learning-rate", "The optimizer's step size; by default the optimizer's own.");
        var schedule = Choices.Schedule("How the learning rate changes; not at all by default.");
        var epochs = Choices.Whole("--epochs", $"The most passes over the rows; {defaults.NumberOfIterations} by default.", 1, 1_000_000);
        var batch = Choices.Whole("--batch", $"Rows of a mini-batch; {defaults.BatchSize} by default.", 1, 1_000_000);
        var seed = Choices.Seed();
        var threads = Choices.Threads();
        var bits = Choices.VectorBits();
        var model = Choices.Text("--model", "M.zip", "Where to save the model.");
        var metrics = Choices.Text("--metrics", "M.json", "Where to write the scores as JSON.");
        var html = Choices.Text("--html", "R.html", "Where to write a report.");

        var command = new Command("train", "Trains a network on a CSV file through an ML.NET pipeline.")
        {
            data, label, task, test, positive,
            hidden, activation, optimizer, rate, schedule, epochs, batch, seed, threads, bits,
            model, metrics, html,
        };
        command.SetAction(parsed =>
        {
            var options = new MultilayerPerceptronOptions
            {
                HiddenUnits = parsed.GetValue(hidden) is [_, ..] units ? units : defaults.HiddenUnits,
                Activation = parsed.GetValue(activation) ?? defaults.Activation,
                Optimizer = parsed.GetValue(optimizer) ?? defaults.Optimizer,
                LearningRate = parsed.GetValue(rate),
                Schedule = parsed.GetValue(schedule),
                NumberOfIterations = parsed.GetValue(epochs) ?? defaults.NumberOfIterations,
                BatchSize = parsed.GetValue(batch) ?? defaults.BatchSize,
                Seed = parsed.GetValue(seed) ?? defaults.Seed,
                NumberOfThreads = parsed.GetValue(threads) ?? defaults.NumberOfThreads,
                VectorBits = parsed.GetValue(bits),
                Cancellation = session.Cancellation,
            };
            var (head, dataPath, testPath) = (parsed.GetValue(task)!, parsed.GetValue(data)!, parsed.GetValue(test));
            var (modelPath, metricsPath, htmlPath) = (parsed.GetValue(model), parsed.GetValue(metrics), parsed.GetValue(html));
            using var outputs = new OutputFiles([dataPath, testPath], [modelPath, metricsPath, htmlPath]);
            var files = TrainingData.Read(
                head,
                CsvSource.File(dataPath),
                parsed.GetValue(label)!,
                testPath is null ? null : CsvSource.File(testPath),
                parsed.GetValue(positive)?.Trim(),
                session.Cancellation);

            var (trained, evaluation) = Train(session, files, options);
            outputs.Write(modelPath, trained.Save);
            outputs.Write(metricsPath, stream => MetricsFile.Write(stream, head, trained, options, evaluation));
            var title = $"'{parsed.GetValue(label)}' learned from {Path.GetFileName(dataPath)}";
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

        var trained = EpochDisplay.Show(session, options, () => data.Fit(options, session.Warn));
        var (network, epochs) = (trained.Model.Network.Model, trained.Model.History.Count);
        session.Say($"Kept epoch {trained.Model.BestEpoch} of {epochs}, network {network}, {trained.Seconds:F1} s.");
        var evaluation = trained.Evaluate();
        if (evaluation is not null)
        {
            session.Say($"On {data.TestRows} test rows: {string.Join(", ", evaluation.Metrics.Select(m => $"{m.Key} {m.Value:G5}"))}.");
        }

        return (trained, evaluation);
    }
}
