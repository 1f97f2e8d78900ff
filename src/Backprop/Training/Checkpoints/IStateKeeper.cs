namespace Backprop.Training;

/// <summary>Where the state of a network's training is kept.</summary>
internal interface IStateKeeper
{
    /// <summary>Saves.</summary>
    /// <param name="exchange">Lists what is to be saved.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    void Save(Action<StateStream> exchange);

    /// <summary>Loads, if there is anything.</summary>
    /// <param name="exchange">Lists what was saved.</param>
    /// <exception cref="InvalidDataException">It is damaged, or of another run. The state may be half loaded.</exception>
    bool TryLoad(Action<StateStream> exchange);
}
