namespace Backprop.Cli.Data;

/// <summary>The columns to read from a text.</summary>
/// <param name="Features">What a prediction is made from.</param>
internal sealed record TableColumns(IReadOnlyList<CsvColumn> Features)
{
    /// <summary>What is to be predicted; rows that lack one are left out.</summary>
    public IReadOnlyList<CsvColumn> Labels { get; init; } = [];

    /// <summary>How much each row counts, or null.</summary>
    public CsvColumn? Weight { get; init; }

    /// <summary>Whose rows must stay together, or null.</summary>
    public CsvColumn? Group { get; init; }

    /// <summary>What validation rows need: nothing is held out of them.</summary>
    public TableColumns ForValidation => this with { Group = null };

    /// <summary>What a test reads: there all rows count once.</summary>
    public TableColumns ForTest => ForValidation with { Weight = null };
}
