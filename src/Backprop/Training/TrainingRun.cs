using System.Diagnostics;
using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Runs epochs until they are used up or validation has not improved for long; keeps the best weights and saves checkpoints.</summary>
/// <param name="epochs">Passes over the data.</param>
/// <param name="best">Receives the best epoch's weights.</param>
/// <param name="options">How long, and how often to save.</param>
/// <param name="checkpoint">Where to save, or null.</param>
internal sealed class TrainingRun<T>(Epochs<T> epochs, Weights<T> best, TrainingOptions options, Checkpoint? checkpoint)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int MostReports = 1 << 24;
    private readonly List<EpochReport> history = [];
    private readonly Stopwatch sinceSave = Stopwatch.StartNew();
    private Stopwatch clock = Stopwatch.StartNew();
    private double bestLoss = double.PositiveInfinity;
    private int bestEpoch;
    private TimeSpan earlier;
    private TimeSpan epochBegan;
    private long updatesSaved;

    /// <summary>Trains, from the checkpoint on if there is one.</summary>
    /// <returns>A report for every epoch.</returns>
    /// <exception cref="ArithmeticException">No epoch had finite weights and losses.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged, or of another run.</exception>
    public IReadOnlyList<EpochReport> Run(CancellationToken cancellation)
    {
        checkpoint?.TryLoad(Exchange);
        updatesSaved = epochs.Updates;
        while (Continues)
        {
            var training = Train(cancellation);
            var rate = epochs.TrainingRows / (Elapsed - epochBegan).TotalSeconds;
            epochBegan = Elapsed;
            var validation = epochs.Validate();
            epochs.Finish(training, validation);
            // Without validation rows the latest weights are the best.
            var isBest = double.IsFinite(training.Loss) && (!epochs.Validates || validation.Loss < bestLoss) && epochs.TryCopyWeightsTo(best);
            if (isBest)
            {
                (bestLoss, bestEpoch) = (validation.Loss, history.Count + 1);
            }

            history.Add(new(
                history.Count + 1, training.Loss, validation.Loss, training.Accuracy, validation.Accuracy, rate, Elapsed, isBest, epochs.LearningRate));
            if (history.Count % options.Checkpoint?.EveryEpochs == 0 || IsDue || !Continues)
            {
                Save();
            }

            options.Progress?.Invoke(history[^1]);
        }

        // Without validation rows nothing else would tell that training fell apart in its last epoch.
        return bestEpoch > 0 && (epochs.Validates || history[^1].Best)
            ? history
            : throw new ArithmeticException(
                $"The loss of epoch {history.Count} is {history[^1].TrainingLoss} in training and {history[^1].ValidationLoss} in validation, "
                + $"or weights overflowed. Lower the learning rate from {options.Lbfgs?.LearningRate ?? options.Optimizer.LearningRate}, or scale the features.");
    }

    /// <summary>Since training began, in this process and those before.</summary>
    private TimeSpan Elapsed => earlier + clock.Elapsed;

    /// <summary>Whether updates or time enough have passed since the last save.</summary>
    private bool IsDue => epochs.Updates - updatesSaved >= options.Checkpoint?.EveryUpdates || sinceSave.Elapsed >= options.Checkpoint?.Every;

    private bool Continues => (history.Count == 0 || double.IsFinite(history[^1].TrainingLoss))
        && history.Count < options.Epochs && history.Count + 1 - bestEpoch <= options.Patience;

    private BatchResult Train(CancellationToken cancellation)
    {
        try
        {
            return epochs.Train(cancellation, () =>
            {
                if (IsDue)
                {
                    Save();
                }
            });
        }
        catch (OperationCanceledException) when (checkpoint is not null && epochs.IsBetweenUpdates)
        {
            Save();
            throw;
        }
    }

    private void Save()
    {
        checkpoint?.Save(Exchange);
        updatesSaved = epochs.Updates;
        sinceSave.Restart();
        options.Checkpoint?.Saved?.Invoke();
    }

    private void Exchange(StateStream stream)
    {
        stream.Exchange(ref bestLoss);
        stream.Exchange(ref bestEpoch);
        var elapsed = Elapsed;
        stream.Exchange(ref elapsed);
        stream.Exchange(ref epochBegan);
        if (stream.Loads)
        {
            (earlier, clock) = (elapsed, Stopwatch.StartNew());
        }

        stream.Exchange(best.Values);
        epochs.Exchange(stream);
        var count = stream.Count(history.Count, MostReports);
        for (var i = 0; i < count; i++)
        {
            var saved = i < history.Count ? ReportState.Of(history[i]) : default;
            stream.Exchange(ref saved);
            if (stream.Loads)
            {
                history.Add(saved.ToReport());
            }
        }
    }

    /// <summary>An epoch's report as plain numbers.</summary>
    private readonly record struct ReportState(
        double TrainingLoss, double ValidationLoss, double TrainingAccuracy, double ValidationAccuracy, double RowsPerSecond, long Ticks, double LearningRate, int Epoch, int Best)
    {
        public static ReportState Of(EpochReport report) => new(
            report.TrainingLoss, report.ValidationLoss, report.TrainingAccuracy, report.ValidationAccuracy, report.RowsPerSecond, report.Elapsed.Ticks,
            report.LearningRate, report.Epoch, report.Best ? 1 : 0);

        public EpochReport ToReport() => new(
            Epoch, TrainingLoss, ValidationLoss, TrainingAccuracy, ValidationAccuracy, RowsPerSecond, new(Ticks), Best != 0, LearningRate);
    }
}
