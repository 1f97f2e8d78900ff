using System.CommandLine;
using Backprop.Formulas;
using Backprop.ML;
using Backprop.Training;

namespace Backprop.Cli.Commands;

/// <summary>How the network is built and trained: each option beside what it sets.</summary>
internal sealed class TrainingChoices
{
    private const string LbfgsName = "lbfgs";

    private static readonly MultilayerPerceptronOptions usual = new();

    private readonly Command command;
    private readonly Option<Preset?> preset = Choices.Named(
        "--preset",
        "Chooses what is not given, by the rows and columns; default by default, but plain with --optimizer lbfgs.",
        Preset.All.Select(preset => preset.Name),
        Preset.Parse);

    private readonly Option<int[]?> hidden = Choices.Hidden("Units of the hidden layers, first to last.");
    private readonly Option<Activation?> activation = Choices.Activation("After each hidden layer.");
    private readonly Option<double?> threshold
        = Choices.Probability("--threshold", $"The probability above which a binary prediction is positive; {usual.Threshold} by default.");

    private readonly Option<int?> members
        = Choices.Whole("--members", "Networks that are trained, each on other folds of the rows, for their mean as one network.", 1, 1000);

    private readonly Option<int?> sharedMembers
        = Choices.Whole("--shared-members", "Members of each network that share its hidden layers; the model is their mean.", 1, 1000);

    private readonly List<Action<ParseResult, MultilayerPerceptronOptions>> setters = [];

    /// <summary>Adds the options.</summary>
    public TrainingChoices(Command command)
    {
        this.command = command;
        Add(preset, (o, chosen) => o.Preset = chosen);
        Add(hidden, (o, units) => o.HiddenUnits = units);
        Add(activation, (o, formula) => o.Activation = formula);
        Add(Updates($"How weights are updated. {LbfgsName} takes all rows at once."), (o, set) => set(o));
        Add(
            Choices.Rate("--learning-rate", "The optimizer's step size; Adam's, for all weights alike, where no --optimizer is given."),
            (o, rate) => o.LearningRate = rate);
        Add(Choices.Schedule("How the learning rate changes."), (o, schedule) => o.Schedule = schedule);
        Add(Choices.Whole("--epochs", "The most passes over the rows.", 1, 1_000_000), (o, n) => o.NumberOfIterations = n);
        Add(Choices.Whole("--batch", "Rows of a mini-batch.", 1, 1_000_000), (o, n) => o.BatchSize = n);
        Add(
            Choices.Share("--validation-fraction", $"Share of the rows held out to choose the best epoch; {usual.ValidationFraction} by default, 0 for none."),
            (o, share) => o.ValidationFraction = share);
        Add(members, (o, n) => o.Members = n);
        Add(sharedMembers, (o, n) => o.SharedMembers = n);
        Add(Choices.Whole("--patience", "Epochs without a better validation loss after which training stops.", 1, 1_000_000), (o, n) => o.Patience = n);
        Add(
            Choices.Text("--checkpoint", "FILE", "Where training is saved after each epoch; a run that finds the file goes on from it."),
            (o, path) => o.Checkpoint = new(path));
        Add(
            Choices.Flag("--keep-best", "Ctrl-C ends training with the best epoch so far, instead of cancelling."),
            (o, keep) => o.ReturnBestWhenCancelled = keep);
        Add(threshold, (o, p) => o.Threshold = p);
        Add(
            Choices.Whole(
                "--memory-cap",
                "The most MB of memory that the network's rows take; more go to a temporary file. The columns of the CSV files stay in memory.",
                1,
                1 << 24),
            (o, megabytes) => o.MemoryCap = (long)megabytes << 20);
        Add(Choices.Seed(), (o, seed) => o.Seed = seed);
        Add(Choices.Threads(), (o, n) => o.NumberOfThreads = n);
        Add(Choices.VectorBits(), (o, bits) => o.VectorBits = bits);
    }

    /// <summary>What a model to train further has decided.</summary>
    public IEnumerable<Option> OfNewModels => [preset, hidden, activation, members, sharedMembers];

    /// <summary>What says something of binary tasks alone.</summary>
    public Option Threshold => threshold;

    /// <summary>What was given; the rest as usual.</summary>
    public MultilayerPerceptronOptions Read(ParseResult parsed)
    {
        var options = new MultilayerPerceptronOptions();
        setters.ForEach(set => set(parsed, options));
        options.Preset ??= options.Lbfgs is null ? Preset.Default : Preset.Plain;
        return options;
    }

    private void Add<T>(Option<T?> option, Action<MultilayerPerceptronOptions, T> set) where T : struct
        => AddWhereGiven<T?>(option, (options, value) => set(options, value!.Value));

    private void Add<T>(Option<T?> option, Action<MultilayerPerceptronOptions, T> set) where T : class
        => AddWhereGiven<T?>(option, (options, value) => set(options, value!));

    private void AddWhereGiven<T>(Option<T> option, Action<MultilayerPerceptronOptions, T?> set)
    {
        command.Add(option);
        setters.Add((parsed, options) =>
        {
            // The value of an option that was not given need not be null: a list's is empty.
            if (parsed.GetResult(option) is not null)
            {
                set(options, parsed.GetValue(option));
            }
        });
    }

    /// <summary>An optimizer, or L-BFGS, by name.</summary>
    private static Option<Action<MultilayerPerceptronOptions>?> Updates(string description)
        => Choices.Named<Action<MultilayerPerceptronOptions>>(
            Choices.OptimizerName,
            description,
            Optimizer.All.Select(optimizer => optimizer.Name).Distinct().Append(LbfgsName),
            name =>
            {
                if (string.Equals(name, LbfgsName, StringComparison.OrdinalIgnoreCase))
                {
                    return options => options.Lbfgs = new Lbfgs { StrongWolfe = true };
                }

                var optimizer = Optimizer.Parse(name);
                return options => options.Optimizer = optimizer;
            });
}
