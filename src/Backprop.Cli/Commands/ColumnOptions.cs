using System.CommandLine;
using Backprop.Cli.Data;
using Backprop.ML;

namespace Backprop.Cli.Commands;

/// <summary>What the columns of the training file are for.</summary>
internal sealed class ColumnOptions
{
    private readonly Option<string?> label =
        Choices.Text("--label", "COL", "The column to predict; several, joined by commas, for several real numbers.", required: true);
    private readonly Option<string?> positive = Choices.Text("--positive", "VALUE", "The positive class of a binary label; by default the greater one.");
    private readonly Option<string?> weight =
        Choices.Text("--weight", "COL", "How much each training row counts: numbers above 0. Scores on test rows count each once.");
    private readonly Option<string?> group =
        Choices.Text("--group", "COL", "Rows with equal values, such as a customer's, are all trained on or all held out.");
    private readonly Option<string?> ignored = Choices.Text("--ignore", "COL,COL", "Columns to leave out, such as identifiers.");
    private readonly Option<string?> categorical = Choices.Text(
        "--categorical", "COL,COL", "Columns of numbers that name categories, such as codes; columns of texts do in any case.");
    private readonly Option<int?> hashBits = Choices.Whole(
        "--hash-bits",
        $"With --preset plain, or more than {MultilayerPerceptronOptions.MostDenseFeatures} columns, a text column of more than "
        + $"{Featurisation.MaxCategories} different values is hashed to 2^N inputs; {Featurisation.UsualHashBits} by default.",
        1, 20);

    /// <summary>Adds the options.</summary>
    public ColumnOptions(Command command)
    {
        foreach (var option in new Option[] { label, positive, weight, group, ignored, categorical, hashBits })
        {
            command.Add(option);
        }
    }

    /// <summary>What a model to train further has decided.</summary>
    public IEnumerable<Option> Features => [categorical, hashBits];

    /// <summary>What was given.</summary>
    public ColumnChoices Read(ParseResult parsed) => new(parsed.GetValue(label)!)
    {
        Positive = parsed.GetValue(positive)?.Trim(),
        Weight = parsed.GetValue(weight),
        Group = parsed.GetValue(group),
        Ignored = parsed.GetValue(ignored),
        Categorical = parsed.GetValue(categorical),
        HashBits = parsed.GetValue(hashBits) ?? Featurisation.UsualHashBits,
    };
}
