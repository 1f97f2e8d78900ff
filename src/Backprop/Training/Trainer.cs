using System.Diagnostics;
using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>What training gives.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="Network">The network with the best epoch's weights.</param>
/// <param name="History">A report for every epoch.</param>
/// <param name="BestEpoch">The epoch whose weights were kept, from 1.</param>
/// <param name="WeightHash">SHA-256 of the weights, see <see cref="Weights{T}.Hash"/>.</param>
public sealed record TrainingResult<T>(Network<T> Network, IReadOnlyList<EpochReport> History, int BestEpoch, string WeightHash)
    where T : unmanaged, IFloatingPointIeee754<T>;

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
    /// <exception cref="ArgumentException">An option is out of range, or a table does not fit or holds what cannot be learned from.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    /// <exception cref="ArithmeticException">No epoch had finite weights and losses.</exception>
    public static TrainingResult<T> Fit<T>(
        Head head,
        int outputs,
        Examples<T> examples,
        TrainingOptions options,
        Examples<T>? validation = null,
        CancellationToken cancellation = default) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var model = options.Layers is { } layers
            ? Model.Of(layers(Signal.Features(examples.FeatureColumns)).Linear(outputs), head)
            : new Mlp([examples.FeatureColumns, .. options.Hidden, outputs], options.Activation, head);
        return Fit(model, examples, options, validation, cancellation);
    }

    /// <summary>Trains a network of any layers and heads; <see cref="TrainingOptions.Hidden"/> and the like are not looked at.</summary>
    /// <param name="model">The network.</param>
    /// <param name="examples">The training table; validation rows are split off it unless given.</param>
    /// <param name="options">How to train.</param>
    /// <param name="validation">Rows that choose the best epoch, or null.</param>
    /// <param name="cancellation">Looked at before every batch.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a table does not fit or holds what cannot be learned from.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    /// <exception cref="ArithmeticException">No epoch had finite weights and losses.</exception>
    public static TrainingResult<T> Fit<T>(
        Model model,
        Examples<T> examples,
        TrainingOptions options,
        Examples<T>? validation = null,
        CancellationToken cancellation = default) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Checks.Options(options);
        Checks.Table(examples, model, "training");
        if (validation is not null)
        {
            Checks.Table(validation, model, "validation");
        }

        var first = model.HeadOutputs[0];
        var (training, held) = validation is null
            ? Split.Rows(first.Head, first.Head.TargetColumns(first.Logits.Width), examples, options.ValidationFraction, Streams.Of(options.Seed, Streams.Splits))
            : ([.. Enumerable.Range(0, examples.Rows)], Array.Empty<int>());
        var labels = LabelScale<T>.Of(model, examples, training);
        Examples<T> Scale(Examples<T> table) => labels?.Apply(table) ?? table;
        var rows = new TableRows<T>(Scale(examples), training);
        var heldOut = validation is null ? rows with { Rows = held } : new(Scale(validation), [.. Enumerable.Range(0, validation.Rows)]);

        // First weights, then dropout's masks, on one stream as in PyTorch.
        var random = new TorchRandom(options.Seed);
        var weights = Initializers.Of<T>(model, random, options.InitialWeights, options.InitialBiases);
        using var epochs = new Epochs<T>(weights, rows, heldOut, options, random);
        var history = Run(epochs, weights, options, cancellation);
        return new(new(weights, labels?.OutputScale, labels?.OutputShift, options.Engine.VectorBits), history, history.Last(report => report.Best).Epoch, weights.Hash());
    }

    /// <summary>Runs epochs until they are used up or validation has not improved for long; leaves the best weights in <paramref name="best"/>.</summary>
    private static List<EpochReport> Run<T>(Epochs<T> epochs, Weights<T> best, TrainingOptions options, CancellationToken cancellation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var history = new List<EpochReport>();
        var (bestLoss, bestEpoch, clock) = (double.PositiveInfinity, 0, Stopwatch.StartNew());
        var finite = true;
        for (var epoch = 1; finite && epoch <= options.Epochs && epoch - bestEpoch <= options.Patience; epoch++)
        {
            var start = clock.Elapsed;
            var training = epochs.Train(cancellation);
            var rate = epochs.TrainingRows / (clock.Elapsed - start).TotalSeconds;
            var validation = epochs.Validate();
            epochs.Finish(training, validation);
            finite = double.IsFinite(training.Loss);
            // Without validation rows the latest weights are the best.
            var isBest = finite && (!epochs.Validates || validation.Loss < bestLoss) && epochs.TryCopyWeightsTo(best);
            if (isBest)
            {
                (bestLoss, bestEpoch) = (validation.Loss, epoch);
            }

            history.Add(new(epoch, training.Loss, validation.Loss, training.Accuracy, validation.Accuracy, rate, clock.Elapsed, isBest, epochs.LearningRate));
            options.Progress?.Invoke(history[^1]);
        }

        // Without validation rows nothing else would tell that training fell apart in its last epoch.
        return bestEpoch > 0 && (epochs.Validates || history[^1].Best)
            ? history
            : throw new ArithmeticException(
                $"The loss of epoch {history.Count} is {history[^1].TrainingLoss} in training and {history[^1].ValidationLoss} in validation, "
                + $"or weights overflowed. Lower the learning rate from {options.Lbfgs?.LearningRate ?? options.Optimizer.LearningRate}, or scale the features.");
    }
}
