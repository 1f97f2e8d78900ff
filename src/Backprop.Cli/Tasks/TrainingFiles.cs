using Backprop.Cli.Data;

namespace Backprop.Cli.Tasks;

/// <summary>The rows a training reads.</summary>
/// <param name="Data">To learn from.</param>
internal sealed record TrainingFiles(CsvSource Data)
{
    /// <summary>To choose the best epoch by, or null to hold out a share of those to learn from.</summary>
    public CsvSource? Validation { get; init; }

    /// <summary>To evaluate on, or null.</summary>
    public CsvSource? Test { get; init; }
}
