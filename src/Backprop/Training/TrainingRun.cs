using System.Diagnostics;
using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Runs epochs until they are used up or validation has not improved for long; keeps the best weights and saves checkpoints.</summary>
/// <param name="epochs">Passes over the data.</param>
/// <param name="best">Receives the best epoch's weights.</param>
/// <param name="options">How long, and how often to save.</param>
/// <param name="checkpoint">Where to save, or null.</param>
internal sealed class TrainingRun<T>(Epochs<T> epochs, Weights<T> best, TrainingOptions options, IStateKeeper? checkpoint)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int MostReports = 1 << 24;
    private readonly List<EpochReport> history = [];
    private readonly Stopwatch sinceSave = Stopwatch.StartNew();
    private double bestLoss = double.PositiveInfinity;
    private int bestEpoch;
    private TimeSpan epochBegan;
    private long updatesSaved;

    /// <summary>Whether training starts from a trained network, which an epoch must surpass on the validation rows to be kept.</summary>
    public required bool StartsTrained { get; init; }

    /// <summary>What 1 in the labels that are trained on is in the label's own units, where there is one target.</summary>
    public required double LabelUnit { get; init; }

    /// <summary>Which network of several this is, from 1.</summary>
    public int Member { get; init; } = 1;

    /// <summary>Of how many.</summary>
    public int Members { get; init; } = 1;

    /// <summary>Tells the time since training began; of several networks, the same for all.</summary>
    public TrainingClock Clock { get; init; } = new();

    /// <summary>Whether <see cref="TrainingOptions.StopWhen"/> ended training.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Says that no epoch had finite weights and losses; without validation rows, the last, of which nothing else would tell. Else null.</summary>
    public ArithmeticException? Failure => HasLearned ? null : new(
        $"The loss of epoch {history.Count} is {history[^1].TrainingLoss} in training and {history[^1].ValidationLoss} in validation, "
        + $"or weights overflowed. Lower the learning rate from {options.Lbfgs?.LearningRate ?? options.Optimizer.LearningRate}, or scale the features.");

    /// <summary>Trains, from the checkpoint on if there is one.</summary>
    /// <returns>A report for every epoch; the best epoch's weights are worth nothing after a <see cref="Failure"/>.</returns>
    /// <exception cref="InvalidDataException">The checkpoint is damaged, or of another run.</exception>
    public IReadOnlyList<EpochReport> Run(CancellationToken cancellation)
    {
        if (checkpoint?.TryLoad(Exchange) != true)
        {
            bestLoss = StartsTrained && epochs.Validate().Loss is var loss && double.IsFinite(loss) ? loss : bestLoss;
            epochBegan = Elapsed;
        }

        (updatesSaved, IsStopped) = (epochs.Updates, history.Count > 0 && StopsAfter(history[^1]));
        while (Continues && TryTrain(cancellation, out var training))
        {
            var report = Finish(training, rowsPerSecond: epochs.TrainingRows / (Elapsed - epochBegan).TotalSeconds);
            history.Add(report);
            epochBegan = Elapsed;
            if (history.Count % options.Checkpoint?.EveryEpochs == 0 || IsDue || !Continues)
            {
                Save();
            }

            options.Progress?.Invoke(report);
            IsStopped = StopsAfter(report);
            if (IsStopped && updatesSaved < epochs.Updates)
            {
                Save();
            }

            // What callbacks and saving take is no time of the next epoch.
            epochBegan = Elapsed;
        }

        return history;
    }

    /// <summary>Since training began, in this process and those before.</summary>
    private TimeSpan Elapsed => Clock.Elapsed;

    /// <summary>Whether updates or time enough have passed since the last save.</summary>
    private bool IsDue => epochs.Updates - updatesSaved >= options.Checkpoint?.EveryUpdates || sinceSave.Elapsed >= options.Checkpoint?.Every;

    private bool Continues => !IsStopped && (history.Count == 0 || double.IsFinite(history[^1].TrainingLoss))
        && history.Count < options.Epochs && history.Count + 1 - bestEpoch <= options.Patience;

    private bool HasLearned => !epochs.Validates ? history[^1].Best
        : bestEpoch > 0 || (StartsTrained && history.Exists(report => double.IsFinite(report.TrainingLoss) && double.IsFinite(report.ValidationLoss)));

    private bool IsBest(double loss) => loss < bestLoss || (options.LastBestEpoch && loss == bestLoss && double.IsFinite(loss));

    private bool StopsAfter(EpochReport report) => options.StopWhen?.Invoke(report) == true;

    /// <summary>Trains an epoch, or the rest of one; false if the run was cancelled and is to give the best so far.</summary>
    private bool TryTrain(CancellationToken cancellation, out BatchResult training)
    {
        training = default;
        try
        {
            training = epochs.Train(cancellation, () =>
            {
                if (IsDue)
                {
                    Save();
                }
            });
            return true;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            if (checkpoint is not null && epochs.IsBetweenUpdates)
            {
                Save();
            }

            if (options.ReturnBestWhenCancelled && history.Count > 0)
            {
                return false;
            }

            throw;
        }
    }

    /// <summary>Validates, and keeps the weights if they are the best so far.</summary>
    private EpochReport Finish(BatchResult training, double rowsPerSecond)
    {
        var (epoch, validation) = (history.Count + 1, epochs.Validate());
        epochs.Finish(training, validation);
        // Without validation rows the latest weights are the best.
        if (double.IsFinite(training.Loss) && (!epochs.Validates || IsBest(validation.Loss)) && epochs.TryCopyWeightsTo(best))
        {
            (bestLoss, bestEpoch) = (epochs.Validates ? validation.Loss : training.Loss, epoch);
        }

        return new(
            Epoch: epoch,
            TrainingLoss: training.Loss,
            ValidationLoss: validation.Loss,
            TrainingAccuracy: training.Accuracy,
            ValidationAccuracy: validation.Accuracy,
            TrainingRootMeanSquaredError: LabelUnit * training.RootMeanSquaredError,
            ValidationRootMeanSquaredError: LabelUnit * validation.RootMeanSquaredError,
            LearningRate: epochs.LearningRate,
            RowsPerSecond: rowsPerSecond,
            Elapsed: Elapsed,
            BestEpoch: bestEpoch,
            BestLoss: bestLoss)
        {
            Member = Member,
            Members = Members,
        };
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
            Clock.GoOnFrom(elapsed);
            epochBegan += Elapsed - elapsed;
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
                history.Add(saved.ToReport(Member, Members));
            }
        }
    }
}
