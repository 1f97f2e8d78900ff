using System.CommandLine;
using Backprop.Audit;
using Backprop.Cli.Auditing;
using Backprop.Cli.Tasks;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Cli.Commands;

/// <summary>Which network is audited, and on what.</summary>
internal sealed class NetworkChoices
{
    private const int DifferentBatches = 8;

    private readonly Option<string?> mlp = Choices.Text("--mlp", "784-256-128-10", "Inputs, hidden units and outputs, joined by hyphens.");
    private readonly Option<string?> model = Choices.Text("--model", "M.zip", "A saved model, or with --mlp its weights as M.safetensors, instead of initial weights.");
    private readonly Option<string?> one = Choices.Text("--case", "TEXT", "A random network of --all, by the text that its report names it by; its gradients only.");
    private readonly Option<Activation?> activation = Choices.Activation("With --mlp: after each hidden layer; relu by default.");

    private readonly Option<Head?> task = Choices.Task(
        "With --mlp: the loss; by default regression for one output, otherwise multiclass.", Head.All.Select(head => head.Name), Head.Parse);

    private readonly Option<int?> batch = Choices.Whole("--batch", "Rows of a batch; 64 by default.", 1, 100_000);
    private readonly Option<Optimizer?> optimizer = Choices.Optimizer("By default sgd and adam, one after the other.");
    private readonly Option<int?> steps = Choices.Whole("--steps", "Steps to follow; 20 by default.", 1, 1000);

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [mlp, model, one, activation, task, batch, optimizer, steps];

    /// <summary>The saved model, which no output may replace; null without one.</summary>
    public string? Input(ParseResult parsed) => parsed.GetValue(model);

    /// <summary>The network that was chosen, with rows, and the trainings to follow.</summary>
    /// <exception cref="InputException">There is none, choices contradict each other, or a file is not what it should be.</exception>
    public AuditedNetwork Read(ParseResult parsed, long seed)
    {
        if (parsed.GetValue(one) is { } text)
        {
            RequireNone(parsed, "is decided by --case", mlp, model, activation, task, batch, optimizer, steps);
            return AuditedNetwork.OfCase(text);
        }

        if (parsed.GetValue(mlp) is null)
        {
            RequireNone(parsed, "belongs to --mlp", activation, task);
        }

        var (weights, source) = Weights(parsed, seed);
        var (rows, count) = (parsed.GetValue(batch) ?? 64, parsed.GetValue(steps) ?? 20);
        var table = RandomBatch.Of(weights.Model, rows * Math.Min(count, DifferentBatches), seed);
        return new(weights, source, FeaturisedExamples.First(table, rows), $"{rows} random ones of seed {seed}")
        {
            Table = table,
            Optimizers = parsed.GetValue(optimizer) is { } chosen ? [chosen] : AuditRun.Optimizers,
            Steps = count,
            Seed = seed,
        };
    }

    /// <summary>Refuses options that say nothing beside what was chosen.</summary>
    /// <exception cref="InputException">One was given.</exception>
    public static void RequireNone(ParseResult parsed, string why, params IEnumerable<Option> options)
    {
        if (options.FirstOrDefault(option => parsed.GetResult(option) is not null) is { } given)
        {
            throw new InputException($"{given.Name} is given, but {why}. Leave it out; 'backprop audit --help' shows what goes with what.");
        }
    }

    private (Weights<float> Weights, string Source) Weights(ParseResult parsed, long seed)
    {
        var described = parsed.GetValue(mlp) is { } sizes ? Describe(sizes, parsed.GetValue(activation), parsed.GetValue(task)) : null;
        if (parsed.GetValue(model) is { } path)
        {
            var weights = SavedWeights.Load(path, described);
            return (weights, $"of {Path.GetFileName(path)}, SHA-256 {weights.Hash()}");
        }

        return described is not null
            ? (Initializers.Default<float>(described, seed), $"PyTorch's initial ones of seed {seed}")
            : throw new InputException(
                "There is nothing to audit. Give a network, as '--mlp 784-256-128-10', a saved model, as '--model m.zip', or --all.");
    }

    private static Mlp Describe(string sizes, Activation? activation, Head? head)
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
