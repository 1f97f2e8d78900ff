using System.CommandLine;
using Backprop.Audit;
using Backprop.Cli.Auditing;
using Backprop.Cli.Data;
using Backprop.Cli.Report;
using Backprop.Cli.Tasks;
using Backprop.ML;
using Backprop.Models;
using Backprop.Training;
using Spectre.Console;

namespace Backprop.Cli.Commands;

/// <summary>The demo: train on real digits, load the model in another process, compare with libtorch, write a report.</summary>
internal static class DemoCommand
{
    private const double LeastAccuracy = 0.985;

    /// <summary>Rows of a batch, in training and in the comparison.</summary>
    private const int BatchRows = 64;

    /// <summary>Makes it both the command <c>demo</c> and what the tool does without a command.</summary>
    public static void AddTo(RootCommand root, Session session)
    {
        var command = new Command("demo", "Trains on 5,620 handwritten digits, a fifth held out, and compares with libtorch, step by step. The default.");
        Describe(root, session);
        Describe(command, session);
        root.Add(command);
    }

    private static void Describe(Command command, Session session)
    {
        var folder = Choices.Text("--out", "DIR", "Where to write the report, the model and its predictions; .backprop by default.");
        var threads = Choices.Threads();
        var vectorBits = Choices.VectorBits();
        command.Add(folder);
        command.Add(threads);
        command.Add(vectorBits);
        command.SetAction(parsed =>
        {
            var options = new MultilayerPerceptronOptions
            {
                Preset = Preset.Plain,
                BatchSize = BatchRows,
                NumberOfThreads = parsed.GetValue(threads) ?? 0,
                VectorBits = parsed.GetValue(vectorBits),
                Cancellation = session.Cancellation,
            };
            return Run(session, parsed.GetValue(folder) ?? ".backprop", options);
        });
    }

    private static int Run(Session session, string folder, MultilayerPerceptronOptions options)
    {
        MakeFolder(folder);
        var (modelPath, reportPath) = (Path.Combine(folder, "optdigits.zip"), Path.Combine(folder, "report.html"));
        using var outputs = new OutputFiles([], [reportPath]);

        Heading(session, "1. Train and evaluate");
        var files = new TrainingFiles(Optdigits.Train) { Test = Optdigits.Test };
        var data = TrainingData.Read(Head.Multiclass, files, new(Optdigits.Label), start: null, session.Cancellation);
        var (trained, evaluation) = TrainCommand.Train(session, data, options);

        Heading(session, "2. Save, and predict in another process");
        var comparison = ModelRoundTrip.Run(trained, folder, modelPath, session.Cancellation);
        session.Say(comparison.ToString());

        Heading(session, "3. Compare with libtorch");
        var network = trained.Model.Network.Model;
        var engine = Choices.Engine(options.NumberOfThreads, options.VectorBits);
        var examples = FeaturisedExamples.Of(trained);
        var weights = Initializers.Default<float>(network, options.Seed);
        var batch = FeaturisedExamples.First(examples, BatchRows);
        var plan = new AuditedNetwork(weights, $"PyTorch's initial ones of seed {options.Seed}", batch, "the first digits")
        {
            Table = examples,
            Optimizers = AuditedNetwork.UsualOptimizers,
            Steps = AuditedNetwork.UsualSteps,
            Seed = options.Seed,
        }.Plan(engine);
        var audit = plan.Pieces.Aggregate(AuditResult.Nothing, (sum, piece) =>
        {
            session.Cancellation.ThrowIfCancellationRequested();
            return sum + piece.Run(_ => { });
        });
        AuditDisplay.Show(session, audit, plan.About);

        Heading(session, "4. Time a training step");
        var timings = AuditedNetwork.UsualOptimizers.Select(o => StepTiming.Measure(weights, examples, BatchRows, o, engine: engine)).ToList();
        foreach (var t in timings)
        {
            session.Say(
                $"{t.Optimizer}: {t.EngineMicroseconds:N0} µs on {Threads(t.EngineThreads)}; "
                + $"libtorch {t.TorchOneThreadMicroseconds:N0} µs on 1 thread ({t.RatioOneThread:F1} times ours), "
                + $"{t.TorchBestMicroseconds:N0} µs at its best, on {Threads(t.TorchBestThreads)} ({t.RatioBest:F1} times).");
        }

        var result = new DemoResult(trained, options, evaluation!, LeastAccuracy, comparison, audit, timings);
        outputs.Write(reportPath, result.WriteReport);
        Heading(session, "Summary");
        Summarise(session, result);
        session.Say($"Report: {Path.GetFullPath(reportPath)}");
        return result.Passed ? BackpropTool.Ok : BackpropTool.Disagreement;
    }

    private static string Threads(int count) => count == 1 ? "1 thread" : $"{count} threads";

    private static void Heading(Session session, string title) => session.Say($"\n{title}\n{new string('─', title.Length)}");

    private static void Summarise(Session session, DemoResult result)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("check", "found", "verdict");
        foreach (var check in result.Checks)
        {
            table.AddRow(new Text(check.Name), new Text($"{check.Value}, {check.Note}"), Word(check.Good));
        }

        session.Console.Write(table);
    }

    private static Text Word(bool? good)
        => good is null ? new Text("") : good.Value ? new Text("passed", Color.Green) : new Text("FAILED", Color.Red);

    private static void MakeFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"--out '{folder}' cannot be made a folder: {e.Message.TrimEnd('.')}. Choose another path.");
        }
    }
}
