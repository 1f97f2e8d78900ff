using System.CommandLine;
using Backprop.Cli.Data;
using Backprop.Cli.Tasks;
using Backprop.ML;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Cli.Commands;

/// <summary><c>train</c>: from a CSV file to a model, its scores and a report.</summary>
internal static class TrainCommand
{
    /// <summary>Describes the command.</summary>
    public static Command Create(Session session)
    {
        var command = new Command("train", "Trains a network on a CSV file through an ML.NET pipeline.");
        var task = Choices.Task(
            "What the label is, with options such as multiclass(smoothing=0.1), regression(huber(1)) or quantile(0.05,0.5,0.95).",
            TabularTask.Names,
            TabularTask.HeadOf,
            required: true);
        command.Add(task);
        var files = new FileChoices(command);
        var columns = new ColumnOptions(command);
        var training = new TrainingChoices(command);
        var results = new ResultChoices(command);
        command.SetAction(parsed =>
        {
            var (choices, options) = (columns.Read(parsed), training.Read(parsed));
            options.Cancellation = session.Cancellation;
            if (options.Checkpoint?.Path is { } saved && files.Paths(parsed).OfType<string>().Any(path => Path.GetFullPath(path) == Path.GetFullPath(saved)))
            {
                throw new InputException($"--checkpoint '{saved}' is also a file to read. Give another path.");
            }

            using var outputs = results.Reserve(parsed, [.. files.Paths(parsed), options.Checkpoint?.Path]);
            OutputFiles.RequireWritable(options.Checkpoint?.Path);
            var (sources, start) = files.Read(parsed);
            if (start is not null)
            {
                Choices.RequireNone(parsed, [.. training.OfNewModels, .. columns.Features]);
            }

            if (parsed.GetResult(training.Threshold) is not null && parsed.GetValue(task) is not BinaryHead)
            {
                throw new InputException($"--threshold is of a binary task, not of {parsed.GetValue(task)}. Leave it out, or give --task binary.");
            }

            if (choices.Group is not null && (sources.Validation is not null || options.ValidationFraction == 0))
            {
                throw new InputException(
                    $"--group '{choices.Group}' keeps rows together when some are held out, "
                        + $"but none are with {(sources.Validation is null ? "--validation-fraction 0" : "--validation")}. Leave one out.");
            }

            var data = TrainingData.Read(parsed.GetValue(task)!, sources, choices, start, session.Cancellation);
            results.Check(parsed, data, options);
            var (trained, evaluation) = Train(session, data, options);
            results.Write(parsed, outputs, trained, options, evaluation, $"'{choices.Label}' learned from {Path.GetFileName(files.DataPath(parsed))}");
            return BackpropTool.Ok;
        });
        return command;
    }

    /// <summary>Trains and evaluates, and says so.</summary>
    public static (TrainedModel Trained, Evaluation? Evaluation) Train(
        Session session, TrainingData data, MultilayerPerceptronOptions options)
    {
        session.Say($"{data.Rows} rows, {data.Features} feature columns, task {data.Task.Head}. Preset {data.PresetOf(options)}.");
        foreach (var remark in data.Remarks(options))
        {
            session.Say(remark);
        }

        var trained = Fit(session, data, options);
        var (network, epochs) = (trained.Model.Network.Model, trained.Model.History.Count);
        var kept = trained.Model.History[0].Members > 1
            ? $"Kept the mean of members at their epochs {string.Join(", ", EpochReport.BestEpochs(trained.Model.History))}, {epochs} epochs in all"
            : trained.Model.BestEpoch > 0 ? $"Kept epoch {trained.Model.BestEpoch} of {epochs}"
            : $"Kept the weights training began with: none of {epochs} epochs was better";
        session.Say($"{kept}, network {network}, {trained.Seconds:F1} s.");
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
            var trained = EpochDisplay.Show(session, options, () => data.Fit(options, session.Warn));
            if (session.Cancellation.IsCancellationRequested)
            {
                session.Warn($"Stopped after epoch {trained.Model.History.Count}; the best so far is kept.");
            }

            return trained;
        }
        catch (OperationCanceledException) when (File.Exists(options.Checkpoint?.Path))
        {
            session.Warn($"Training is saved in '{options.Checkpoint.Path}': the same command goes on from there.");
            throw;
        }
    }
}
