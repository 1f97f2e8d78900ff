namespace Backprop.Training;

/// <summary>
/// Where and how often a training run saves its state, so that it can go on after it was stopped: with the same bits as if it never had been.
/// </summary>
/// <remarks>
/// A run that finds the file goes on from it, with any number of threads and any vector width; a finished one gives its result again, or
/// goes on if <see cref="TrainingOptions.Epochs"/> or <see cref="TrainingOptions.Patience"/> were raised (at the learning rates that a
/// schedule over all of training has for the new number of epochs). A file of other data, another network
/// or other options is refused. The file is replaced as a whole, so that a run killed while saving leaves the one before.
/// </remarks>
/// <param name="Path">The file.</param>
public sealed record CheckpointOptions(string Path)
{
    /// <summary>Epochs after which the state is saved again; null for not after epochs.</summary>
    public int? EveryEpochs { get; init; } = 1;

    /// <summary>Updates after which the state is saved again, within epochs too; null for not after updates.</summary>
    public long? EveryUpdates { get; init; }

    /// <summary>Time after which the state is saved again, at the next update; null for no matter how long.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>Called after each save, for tests that look at every state.</summary>
    internal Action? Saved { get; init; }
}
