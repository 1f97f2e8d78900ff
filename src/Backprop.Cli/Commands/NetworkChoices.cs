using System.CommandLine;
using Backprop.Audit;
using Backprop.Cli.Auditing;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Cli.Commands;

/// <summary>Which network is audited, and on what.</summary>
internal sealed class NetworkChoices
{
    private readonly Option<string?> mlp = Choices.Text("--mlp", "784-256-128-10", "Inputs, hidden units and outputs, joined by hyphens.");
    private readonly Option<string?> model = Choices.Text(
        "--model", "M.zip", "A saved model, or with --mlp its weights as M.safetensors, instead of initial weights.");
    private readonly Option<string?> data = Choices.Text(
        "--data", "F.csv", "With a saved model: its first rows are compared on, with random targets, instead of random rows.");
    private readonly Option<string?> one = Choices.Text(
        "--case", "TEXT", "A random network of --all, by the text that its report names it by; its gradients only.");
    private readonly Option<Activation?> activation = Choices.Activation("With --mlp: after each hidden layer; relu by default.");

    private readonly Option<Head?> task = Choices.Task(
        "With --mlp: the loss; by default regression for one output, otherwise multiclass.", Head.All.Select(head => head.Name), Head.Parse);

    private readonly Option<int?> batch = Choices.Whole("--batch", $"Rows of a batch; {AuditedNetwork.UsualRows} by default.", 1, 100_000);
    private readonly Option<Optimizer?> optimizer = Choices.Optimizer("By default sgd and adam.");
    private readonly Option<int?> steps = Choices.Whole("--steps", $"Steps to follow; {AuditedNetwork.UsualSteps} by default.", 1, 1000);

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [mlp, model, data, one, activation, task, batch, optimizer, steps];

    /// <summary>The files that are read, which no output may replace; null where there is none.</summary>
    public IEnumerable<string?> Inputs(ParseResult parsed) => [parsed.GetValue(model), parsed.GetValue(data)];

    /// <summary>The network that was chosen, with rows, and the trainings to follow.</summary>
    /// <exception cref="InputException">There is none, choices contradict each other, or a file is not what it should be.</exception>
    public AuditedNetwork Read(ParseResult parsed, long seed)
    {
        if (parsed.GetValue(one) is { } text)
        {
            RequireNone(parsed, "is decided by --case", mlp, model, data, activation, task, batch, optimizer, steps);
            return Checked("--case", () => AuditedNetwork.OfCase(text));
        }

        if (parsed.GetValue(mlp) is null)
        {
            RequireNone(parsed, "belongs to --mlp", activation, task);
        }

        if (parsed.GetValue(model) is null)
        {
            RequireNone(parsed, "belongs to --model", data);
        }

        var (rows, count) = (parsed.GetValue(batch) ?? AuditedNetwork.UsualRows, parsed.GetValue(steps) ?? AuditedNetwork.UsualSteps);
        var network = Described(parsed, seed, rows, count);
        return parsed.GetValue(optimizer) is { } chosen ? network with { Optimizers = [chosen] } : network;
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

    private AuditedNetwork Described(ParseResult parsed, long seed, int rows, int count)
    {
        var described = parsed.GetValue(mlp) is { } sizes
            ? Checked("--mlp", () => Describe(sizes, parsed.GetValue(activation), parsed.GetValue(task), rows))
            : null;
        if (parsed.GetValue(model) is { } path)
        {
            var saved = SavedWeights.Load(path, described);
            var source = $"of {Path.GetFileName(path)}, SHA-256 {saved.Weights.Hash()}";
            if (parsed.GetValue(data) is not { } file)
            {
                return Checked($"'{path}'", () => AuditedNetwork.OnRandomRows(saved.Weights, source, seed, rows, count));
            }

            var table = saved.Rows(file, AuditedNetwork.RowsOfTable(rows, count), seed);
            var words = $"the first {Math.Min(rows, table.Rows)} of {Path.GetFileName(file)}, with random targets of seed {seed}";
            return Checked($"'{path}'", () => AuditedNetwork.On(table, words, saved.Weights, source, seed, rows, count));
        }

        return described is not null
            ? Checked("--mlp", () => AuditedNetwork.OfInitialWeights(described, seed, rows, count))
            : throw new InputException(
                "There is nothing to audit. Give a network, as '--mlp 784-256-128-10', a saved model, as '--model m.zip', or --all.");
    }

    private static Mlp Describe(string sizes, Activation? activation, Head? head, int rows)
    {
        head ??= sizes.EndsWith("-1", StringComparison.Ordinal) ? Head.Regression : Head.Multiclass;
        var network = Mlp.Parse(sizes, activation ?? Activation.Of(new Relu()), head);
        Preconditions.Memory(network, rows); // before there are any weights
        return network;
    }

    /// <summary>Says where what cannot be audited was named.</summary>
    private static T Checked<T>(string where, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException e)
        {
            throw new InputException($"{where}: {e.Message}");
        }
    }
}
