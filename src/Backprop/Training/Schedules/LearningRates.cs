namespace Backprop.Training;

/// <summary>The learning rates of a training run: a schedule, and where it stands.</summary>
/// <param name="schedule">The schedule; null for the optimizer's learning rate throughout.</param>
/// <param name="rate">The optimizer's learning rate.</param>
/// <param name="epochs">The most epochs.</param>
/// <param name="updatesOfAnEpoch">Updates of each.</param>
internal sealed class LearningRates(Schedule? schedule, double rate, long epochs, long updatesOfAnEpoch)
{
    private long epochsDone;
    private long updatesDone;
    private PlateauState plateau = new(rate);

    /// <summary>Where it stands: all that resuming needs.</summary>
    public LearningRateState State
    {
        get => new(epochsDone, updatesDone, plateau);
        set => (epochsDone, updatesDone, plateau) = value;
    }

    /// <summary>The learning rate of the next update.</summary>
    public double Current => schedule switch
    {
        null => rate,
        PlateauRate => plateau.Rate,
        { ByUpdate: true } => schedule.Rate(rate, updatesDone, epochs * updatesOfAnEpoch),
        _ => schedule.Rate(rate, epochsDone, epochs),
    };

    /// <summary>Updates were made.</summary>
    public void Finish(long updates) => updatesDone += updates;

    /// <summary>An epoch has ended.</summary>
    /// <param name="loss">Its validation loss, or training loss without.</param>
    public void FinishEpoch(double loss)
    {
        epochsDone++;
        plateau = (schedule as PlateauRate)?.Next(plateau, loss) ?? plateau;
    }
}

/// <summary>Where a schedule stands.</summary>
/// <param name="Epochs">Epochs done.</param>
/// <param name="Updates">Updates made.</param>
/// <param name="Plateau">The state of a <see cref="PlateauRate"/>.</param>
internal sealed record LearningRateState(long Epochs, long Updates, PlateauState Plateau);
