using Backprop.Audit.Bounds;
using Backprop.Torch;
using Backprop.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>The learning rates of a training: those the engine trains with, and those of its schedule's formula.</summary>
internal sealed class TrainingRates : IDisposable
{
    private readonly TrainingCase of;
    private readonly LearningRates engine;
    private readonly Plateau? plateau;
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
        plateau = Meant is PlateauRate rate ? new(rate, of.Optimizer.LearningRate) : null;
    }

    /// <summary>The engine's next rate.</summary>
    public double Ours => engine.Current;

    /// <summary>What it should be: by the schedule's formula, or, for one that looks at losses, by PyTorch's scheduler.</summary>
    public double Expected => Meant is null ? of.Optimizer.LearningRate
        : plateau is not null ? plateau.Rate
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
            plateau?.FinishEpoch(losses / of.StepsOfAnEpoch);
            losses = 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => plateau?.Dispose();

    /// <summary>PyTorch's scheduler that looks at losses; without libtorch, the engine's.</summary>
    private sealed class Plateau : IDisposable
    {
        private readonly PlateauRate schedule;
        private readonly Parameter? weights;
        private readonly optim.Optimizer? optimizer;
        private readonly optim.lr_scheduler.LRScheduler? scheduler;
        private PlateauState state;

        public Plateau(PlateauRate schedule, double rate)
        {
            (this.schedule, state) = (schedule, new(rate));
            if (TorchLibrary.IsAvailable)
            {
                weights = new(zeros(1));
                optimizer = optim.SGD([weights], rate);
                scheduler = Twins.OfPlateau(schedule, optimizer);
            }
        }

        public double Rate => optimizer?.ParamGroups.Single().LearningRate ?? state.Rate;

        public void FinishEpoch(double loss)
        {
            state = schedule.Next(state, loss);
            scheduler?.step(loss);
        }

        public void Dispose()
        {
            optimizer?.Dispose();
            weights?.Dispose();
        }
    }
}
