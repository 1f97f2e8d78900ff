using Backprop.Audit.Bounds;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>The learning rates of a training: those the engine trains with, and those of its schedule's formula.</summary>
internal sealed class TrainingRates
{
    private readonly TrainingCase of;
    private readonly LearningRates engine;
    private readonly List<double> lossesOfEpochs = [];
    private readonly int epochs;
    private double losses;
    private int steps;

    /// <summary>Begins.</summary>
    /// <param name="of">The training.</param>
    /// <param name="meant">Its schedule as it should be; null for its own.</param>
    public TrainingRates(TrainingCase of, Schedule? meant = null)
    {
        (this.of, Meant, epochs) = (of, meant ?? of.Schedule, (of.Steps + of.StepsOfAnEpoch - 1) / of.StepsOfAnEpoch);
        engine = new(of.Schedule, of.Optimizer.LearningRate, epochs, of.StepsOfAnEpoch);
    }

    /// <summary>The engine's next rate.</summary>
    public double Ours => engine.Current;

    /// <summary>What it should be: by the schedule's formula.</summary>
    public double Expected => Meant is null ? of.Optimizer.LearningRate
        : Meant is PlateauRate plateau ? ScheduleFormulas.Rate(plateau, of.Optimizer.LearningRate, lossesOfEpochs)
        : Meant.ByUpdate ? ScheduleFormulas.Rate(Meant, of.Optimizer.LearningRate, steps, (long)epochs * of.StepsOfAnEpoch)
        : ScheduleFormulas.Rate(Meant, of.Optimizer.LearningRate, steps / of.StepsOfAnEpoch, epochs);

    /// <summary>How far off it may be.</summary>
    public double Error => Meant is null ? 0 : ScheduleFormulas.Roundings(steps) * Bounded.Double * of.Optimizer.LearningRate;

    private Schedule? Meant { get; }

    /// <summary>A step was made.</summary>
    /// <param name="loss">Its loss.</param>
    public void Finish(double loss)
    {
        engine.Finish(1);
        losses += loss;
        if (++steps % of.StepsOfAnEpoch == 0)
        {
            engine.FinishEpoch(losses / of.StepsOfAnEpoch);
            lossesOfEpochs.Add(losses / of.StepsOfAnEpoch);
            losses = 0;
        }
    }
}
