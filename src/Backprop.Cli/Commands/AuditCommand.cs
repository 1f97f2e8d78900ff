using System.CommandLine;
using Backprop.Audit;
using Backprop.Cli.Data;
using Backprop.Cli.Tasks;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Cli.Commands;

/// <summary><c>audit</c>: the gradients and the first steps of a network of the user's choice, beside libtorch's.</summary>
internal static class AuditCommand
{
    private const int DifferentBatches = 8;

    /// <summary>Describes the command.</summary>
    public static Command Create(Session session)
    {
        var mlp = Choices.Text("--mlp", "784-256-128-10", "Inputs, hidden units and outputs, joined by hyphens.", required: true);
        var activation = Choices.Activation("After each hidden layer; relu by default.");
        var task = Choices.Task("The loss; by default regression for one output, otherwise multiclass.", Head.All.Select(head => head.Name), Head.Parse);
        var batch = Choices.Whole("--batch", "Rows of a batch; 64 by default.", 1, 100_000);
        var optimizer = Choices.Optimizer("By default sgd and adam, one after the other.");
        var steps = Choices.Whole("--steps", "Steps to follow; 20 by default.", 1, 1000);
        var seed = Choices.Seed();
        var threads = Choices.Threads();
        var vectorBits = Choices.VectorBits();
        var json = Choices.Text("--json", "A.json", "Where to write the findings as JSON.");
        var command = new Command("audit", "Compares every gradient and the first steps with libtorch's; exit code 1 when a tensor or the weights' drift fails.")
        {
            mlp, activation, task, batch, optimizer, steps, seed, threads, vectorBits, json,
        };
        command.SetAction(parsed =>
        {
            var network = Network(parsed.GetValue(mlp)!, parsed.GetValue(activation), parsed.GetValue(task));
            var jsonPath = parsed.GetValue(json);
            using var outputs = new OutputFiles([], [jsonPath]);
            var optimizers = parsed.GetValue(optimizer) is { } one ? [one] : AuditRun.Optimizers;
            var engine = Choices.Engine(parsed.GetValue(threads), parsed.GetValue(vectorBits));
            var (rows, count) = (parsed.GetValue(batch) ?? 64, parsed.GetValue(steps) ?? 20);
            var seedValue = parsed.GetValue(seed) ?? new TrainingOptions().Seed;

            var weights = Initializers.Default<float>(network, seedValue);
            var examples = RandomBatch.Of(network, rows * Math.Min(count, DifferentBatches), seedValue);
            var firstBatch = FeaturisedExamples.First(examples, rows);
            var run = AuditRun.Of(weights, firstBatch, examples, optimizers, count, seedValue, engine, session.Cancellation);
            run.Show(session);
            outputs.Write(jsonPath, stream => run.Write(stream, network, seedValue));
            return run.ExitCode;
        });
        return command;
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
