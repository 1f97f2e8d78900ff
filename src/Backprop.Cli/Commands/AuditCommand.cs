using System.CommandLine;
using System.Diagnostics;
using Backprop.Cli.Auditing;
using Backprop.Cli.Report;
using Backprop.Cli.Tasks;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Cli.Commands;

/// <summary><c>audit</c>: the gradients and the first steps of a network of the user's choice, or everything there is, beside libtorch's.</summary>
internal static class AuditCommand
{
    private const int DifferentBatches = 8;

    /// <summary>Describes the command.</summary>
    public static Command Create(Session session)
    {
        var all = Choices.Flag("--all", "Everything: each formula, loss, layer and optimizer, conventions, defects put in on purpose, random networks, trainings.");
        var mlp = Choices.Text("--mlp", "784-256-128-10", "Inputs, hidden units and outputs, joined by hyphens.");
        var model = Choices.Text("--model", "M.zip", "A saved model, or with --mlp its weights as M.safetensors, instead of initial weights.");
        var activation = Choices.Activation("With --mlp: after each hidden layer; relu by default.");
        var task = Choices.Task("With --mlp: the loss; by default regression for one output, otherwise multiclass.", Head.All.Select(head => head.Name), Head.Parse);
        var batch = Choices.Whole("--batch", "Rows of a batch; 64 by default.", 1, 100_000);
        var optimizer = Choices.Optimizer("By default sgd and adam, one after the other.");
        var steps = Choices.Whole("--steps", "Steps to follow; 20 by default.", 1, 1000);
        var seed = Choices.Seed();
        var plan = new PlanChoices(seed);
        var threads = Choices.Threads();
        var vectorBits = Choices.VectorBits();
        var command = new Command("audit", "Compares every gradient and the first steps with libtorch's; exit code 1 when a tensor or the weights' drift fails.")
        {
            all, mlp, model, activation, task, batch, optimizer, steps, threads, vectorBits,
        };
        plan.AddTo(command);
        var files = new AuditFiles(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(all) == true)
            {
                RequireNone(parsed, "says nothing with --all", mlp, model, activation, task, batch, optimizer, steps, threads, vectorBits);
                return AuditAll.Run(session, parsed, plan.Plan(parsed), files);
            }

            RequireNone(parsed, "belongs to --all", plan.Own);
            var seedValue = parsed.GetValue(seed) ?? new TrainingOptions().Seed;
            var (sizes, modelPath) = (parsed.GetValue(mlp), parsed.GetValue(model));
            using var outputs = files.Reserve(parsed, modelPath);
            if (sizes is null)
            {
                RequireNone(parsed, "belongs to --mlp", activation, task);
            }

            var described = sizes is null ? null : Network(sizes, parsed.GetValue(activation), parsed.GetValue(task));
            var network = modelPath is not null ? AuditedNetwork.Load(modelPath, described)
                : described is not null ? AuditedNetwork.Of(described, seedValue)
                : throw new InputException("There is nothing to audit. Give a network, as '--mlp 784-256-128-10', a saved model, as '--model m.zip', or --all.");
            var optimizers = parsed.GetValue(optimizer) is { } one ? [one] : AuditRun.Optimizers;
            var engine = Choices.Engine(parsed.GetValue(threads), parsed.GetValue(vectorBits));
            var (rows, count) = (parsed.GetValue(batch) ?? 64, parsed.GetValue(steps) ?? 20);

            var examples = network.Rows(rows * Math.Min(count, DifferentBatches), seedValue);
            var firstBatch = FeaturisedExamples.First(examples, rows);
            var clock = Stopwatch.StartNew();
            var run = AuditRun.Of(network.Weights, firstBatch, examples, optimizers, count, seedValue, engine, session.Cancellation);
            run.Show(session);
            files.Write(
                parsed,
                outputs,
                run.Result,
                clock.Elapsed.TotalSeconds,
                stream => run.Write(stream, network.Model, seedValue),
                stream => AuditReport.Write(stream, $"{network.Model}", run.Result, About(network, rows, seedValue)));
            return run.ExitCode;
        });
        return command;
    }

    private static IEnumerable<(string Name, string Value)> About(AuditedNetwork network, int rows, long seed) =>
    [
        ("Network", $"{network.Model}, {network.Model.Parameters:N0} weights, {string.Join(", ", network.Model.HeadOutputs.Select(output => output.Head))}"),
        ("Weights", network.Source),
        ("Rows", $"{rows} random ones, of seed {seed}"),
    ];

    private static void RequireNone(ParseResult parsed, string why, params IEnumerable<Option> options)
    {
        if (options.FirstOrDefault(option => parsed.GetResult(option) is not null) is { } given)
        {
            throw new InputException($"{given.Name} is given, but {why}. Leave it out; 'backprop audit --help' shows what goes with what.");
        }
    }

    private static Mlp Network(string sizes, Activation? activation, Head? head)
    {
        try
        {
            head ??= sizes.EndsWith("-1", StringComparison.Ordinal) ? Head.Regression : Head.Multiclass;
            return Mlp.Parse(sizes, activation ?? Activation.Of(new Relu()), head);
        }
        catch (ArgumentException e)
        {
            throw new InputException($"--mlp: {e.Message}");
        }
    }
}
