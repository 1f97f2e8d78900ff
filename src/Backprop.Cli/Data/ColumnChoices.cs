namespace Backprop.Cli.Data;

/// <summary>What the columns of a training file are for, as the user said.</summary>
/// <param name="Label">The column to predict; several, joined by commas, if no column has the whole for its name.</param>
internal sealed record ColumnChoices(string Label)
{
    private const string CategoricalOption = "--categorical";

    /// <summary>The positive class of a binary label; null for the greater one.</summary>
    public string? Positive { get; init; }

    /// <summary>The column of example weights, or null.</summary>
    public string? Weight { get; init; }

    /// <summary>The column whose equal values keep rows together, or null.</summary>
    public string? Group { get; init; }

    /// <summary>Columns to leave out, joined by commas, or null.</summary>
    public string? Ignored { get; init; }

    /// <summary>Columns whose numbers are read as texts, joined by commas, or null.</summary>
    public string? Categorical { get; init; }

    /// <summary>Inputs of a text column of many categories, as a power of 2.</summary>
    public int HashBits { get; init; } = Featurisation.UsualHashBits;

    /// <summary>Finds the columns.</summary>
    /// <param name="source">The training file.</param>
    /// <param name="known">The features; null for all other columns that hold something.</param>
    /// <param name="cancellation">Asked between rows.</param>
    /// <exception cref="InputException">One is missing or has two uses, or there is no label or no feature.</exception>
    public TableColumns In(CsvSource source, IReadOnlyList<CsvColumn>? known, CancellationToken cancellation)
    {
        var (labels, used) = Uses(source);
        var taken = used.Where(use => use.Value != CategoricalOption).ToDictionary();
        var inferred = CsvColumns.Infer(source, cancellation);
        CsvColumn[] found = [.. labels.SelectMany(label => inferred.Where(column => column.Name == label))];
        if (found.Length < labels.Count)
        {
            throw new InputException(CsvTable.NoLabel(source, labels));
        }

        if (known?.FirstOrDefault(column => taken.ContainsKey(column.Name)) is { } feature)
        {
            throw new InputException($"Column '{feature.Name}' is given to {taken[feature.Name]}, but the model to train further predicts from it. "
                + "Name another.");
        }

        CsvColumn[] features = known is not null ? [.. known]
            : [.. from column in inferred
                  where !taken.ContainsKey(column.Name)
                  select used.ContainsKey(column.Name) ? column with { Kind = ColumnKind.Text } : column];
        return features.Length == 0
            ? throw new InputException($"{source.Name} has no column with values beside {Listed(taken)}. Give at least one to predict from.")
            : new(features)
            {
                Labels = found,

                // Whatever was found there: a weight that is no number is an error with its line, a group need not be one.
                Weight = Weight is null ? null : new(Weight, ColumnKind.Number),
                Group = Group is null ? null : new(Group, ColumnKind.Text),
            };
    }

    private (IReadOnlyList<string> Labels, Dictionary<string, string> UseOf) Uses(CsvSource source)
    {
        using var rows = source.Read();
        string[] labels = Named(Label, rows.Columns);
        (string Use, string[] Names)[] uses =
        [
            ("--label", labels),
            ("--weight", Weight is null ? [] : [Weight]),
            ("--group", Group is null ? [] : [Group]),
            (CategoricalOption, Categorical is null ? [] : Named(Categorical, rows.Columns)),
            ("--ignore", Ignored is null ? [] : Named(Ignored, rows.Columns)),
        ];
        var useOf = new Dictionary<string, string>();
        foreach (var (use, name) in uses.SelectMany(use => use.Names, (use, name) => (use.Use, name)))
        {
            rows.IndexOf(name);
            if (!useOf.TryAdd(name, use))
            {
                throw new InputException($"Column '{name}' is given {(useOf[name] == use ? $"to {use} twice" : $"to {useOf[name]} and to {use}")}. "
                    + "Name it once.");
            }
        }

        return (labels, useOf);
    }

    private static string[] Named(string names, IReadOnlyList<string> header)
        => header.Contains(names) ? [names] : names.Split(',', StringSplitOptions.TrimEntries);

    private static string Listed(Dictionary<string, string> taken)
        => string.Join(", ", taken.Select(column => $"{(column.Value == "--label" ? "the label" : column.Value)} '{column.Key}'"));
}
