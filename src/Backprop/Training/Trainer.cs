using System.Diagnostics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>What training gives.</summary>
/// <param name="Network">The network with the best epoch's weights.</param>
/// <param name="History">A report for every epoch.</param>
/// <param name="BestEpoch">The epoch whose weights were kept, from 1.</param>
/// <param name="WeightHash">SHA-256 of the weights, see <see cref="Weights{T}.Hash"/>.</param>
public sealed record TrainingResult(Network Network, IReadOnlyList<EpochReport> History, int BestEpoch, string WeightHash);

/// <summary>Trains a network on a table: shuffled mini-batches, early stopping on held-out rows, best weights kept.</summary>
public static class Trainer
{
    /// <summary>Trains a network. Regression labels are standardised inside, and the network's scores are in the label's own units.</summary>
    /// <param name="head">The task.</param>
    /// <param name="outputs">Classes, or targets of a regression; 1 for binary.</param>
    /// <param name="examples">The training table; validation rows are split off it unless given.</param>
    /// <param name="options">How to train.</param>
    /// <param name="validation">Rows that choose the best epoch, or null.</param>
    /// <param name="cancellation">Looked at before every batch.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a table does not fit.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    /// <exception cref="ArithmeticException">The loss left the finite numbers in the first epoch.</exception>
    public static TrainingResult Fit(
        Head head,
        int outputs,
        Examples<float> examples,
        TrainingOptions options,
        Examples<float>? validation = null,
        CancellationToken cancellation = default)
    {
        Check(options, examples);
        // Three streams from one seed: initial weights, order of rows, split.
        var (training, held) = validation is null
            ? Split.Rows(head, examples, options.ValidationFraction, options.Seed + 2)
            : ([.. Enumerable.Range(0, examples.Rows)], Array.Empty<int>());
        var labels = head == Head.Regression ? LabelScale.Of(examples, training) : null;
        Examples<float> Scale(Examples<float> table) => labels?.Apply(table) ?? table;
        var rows = new TableRows(Scale(examples), training);
        var heldOut = validation is null ? rows with { Rows = held } : new(Scale(validation), [.. Enumerable.Range(0, validation.Rows)]);

        var mlp = new Mlp([examples.FeatureColumns, .. options.Hidden, outputs], options.Activation, head);
        var weights = Initializers.Default<float>(mlp, options.Seed);
        using var epochs = new Epochs(weights, rows, heldOut, options);
        var history = Run(epochs, weights, options, cancellation);
        var network = new Network(weights, labels?.Scale, labels?.Shift);
        return new(network, history, history.Last(report => report.Best).Epoch, weights.Hash());
    }

    /// <summary>Runs epochs until they are used up or validation has not improved for long; leaves the best weights in <paramref name="best"/>.</summary>
    private static List<EpochReport> Run(Epochs epochs, Weights<float> best, TrainingOptions options, CancellationToken cancellation)
    {
        var history = new List<EpochReport>();
        var (bestLoss, bestEpoch, clock) = (double.PositiveInfinity, 0, Stopwatch.StartNew());
        for (var epoch = 1; epoch <= options.Epochs && epoch - bestEpoch <= options.Patience; epoch++)
        {
            var start = clock.Elapsed;
            var trainingLoss = epochs.Train(cancellation);
            var rate = epochs.TrainingRows / (clock.Elapsed - start).TotalSeconds;
            var validationLoss = epochs.Validate();
            // Without validation rows the latest weights are the best.
            var isBest = double.IsFinite(trainingLoss) && (double.IsNaN(validationLoss) ? !epochs.Validates : validationLoss < bestLoss);
            if (isBest)
            {
                epochs.CopyWeightsTo(best);
                (bestLoss, bestEpoch) = (validationLoss, epoch);
            }

            history.Add(new(epoch, trainingLoss, validationLoss, rate, clock.Elapsed, isBest));
            options.Progress?.Invoke(history[^1]);
            if (!double.IsFinite(trainingLoss))
            {
                break;
            }
        }

        return bestEpoch > 0
            ? history
            : throw new ArithmeticException(
                $"The loss of epoch {history.Count} is {history[^1].TrainingLoss} in training and {history[^1].ValidationLoss} in validation. "
                + $"Lower the learning rate from {options.Optimizer.LearningRate}, or scale the features.");
    }

    private static void Check(TrainingOptions options, Examples<float> examples)
    {
        void Require(bool holds, string name, object value, string bound)
        {
            if (!holds)
            {
                throw new ArgumentException($"{name} is {value}, not {bound}. Correct the option.");
            }
        }

        Require(options.Epochs >= 1, nameof(options.Epochs), options.Epochs, "1 or more");
        Require(options.BatchSize >= 1, nameof(options.BatchSize), options.BatchSize, "1 or more");
        Require(options.Patience >= 1, nameof(options.Patience), options.Patience, "1 or more");
        Require(options.ValidationFraction is >= 0 and < 1, nameof(options.ValidationFraction), options.ValidationFraction, "from 0 to below 1");
        Require(options.Engine.Threads >= 0, nameof(options.Engine.Threads), options.Engine.Threads, "0 or more");
        Require(
            options.Optimizer.LearningRate > 0 && double.IsFinite(options.Optimizer.LearningRate),
            nameof(options.Optimizer.LearningRate), options.Optimizer.LearningRate, "a finite number above 0");
        foreach (var units in options.Hidden)
        {
            Require(units is >= 1 and <= Mlp.MaxUnits, nameof(options.Hidden), units, $"from 1 to {Mlp.MaxUnits}");
        }

        Require(examples.Weights?.All(w => w > 0 && float.IsFinite(w)) ?? true, nameof(examples.Weights), "partly 0, negative or not finite", "all above 0");
    }
}
