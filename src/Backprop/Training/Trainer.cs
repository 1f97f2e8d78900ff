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
    private const int EvaluationRows = 256;

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
        var table = labels?.Apply(examples) ?? examples;
        var validationTable = validation is null ? table : labels?.Apply(validation) ?? validation;
        var validationRows = validation is null ? held : [.. Enumerable.Range(0, validation.Rows)];

        var mlp = new Mlp([examples.FeatureColumns, .. options.Hidden, outputs], options.Activation, head);
        var weights = Initializers.Default<float>(mlp, options.Seed);
        using var step = new TrainingStep<float>(weights, options.Optimizer, Math.Min(options.BatchSize, training.Length), options.Engine);
        using var evaluation = step.Evaluation(EvaluationRows, options.Engine);
        var history = Run(step, evaluation, weights, table, training, validationTable, validationRows, options, cancellation);
        var network = new Network(weights, labels?.Scale, labels?.Shift);
        return new(network, history, history.Last(report => report.Best).Epoch, weights.Hash());
    }

    private static List<EpochReport> Run(
        TrainingStep<float> step,
        BoundPlan<float> evaluation,
        Weights<float> best,
        Examples<float> table,
        int[] training,
        Examples<float> validationTable,
        int[] validation,
        TrainingOptions options,
        CancellationToken cancellation)
    {
        var shuffles = new TorchRandom(options.Seed + 1);
        var (order, batch) = (new int[training.Length], new int[Math.Min(options.BatchSize, training.Length)]);
        var history = new List<EpochReport>();
        var (bestLoss, bestEpoch, clock) = (double.PositiveInfinity, 0, Stopwatch.StartNew());
        for (var epoch = 1; epoch <= options.Epochs && epoch - bestEpoch <= options.Patience; epoch++)
        {
            var start = clock.Elapsed;
            shuffles.FillPermutation(order);
            var sum = 0.0;
            for (var from = 0; from < order.Length; from += batch.Length)
            {
                cancellation.ThrowIfCancellationRequested();
                var rows = batch.AsSpan(0, Math.Min(batch.Length, order.Length - from));
                for (var i = 0; i < rows.Length; i++)
                {
                    rows[i] = training[order[from + i]];
                }

                sum += rows.Length * step.Run(table, rows);
            }

            var trainingLoss = sum / order.Length;
            var rate = order.Length / (clock.Elapsed - start).TotalSeconds;
            var validationLoss = validation.Length == 0 ? double.NaN : Evaluate(evaluation, validationTable, validation);
            // Without validation rows the latest weights are the best.
            var isBest = double.IsFinite(trainingLoss) && (validation.Length == 0 || validationLoss < bestLoss);
            if (isBest)
            {
                step.CopyWeightsTo(best);
                (bestLoss, bestEpoch) = (validationLoss, epoch);
            }

            var report = new EpochReport(epoch, trainingLoss, validationLoss, rate, clock.Elapsed, isBest);
            history.Add(report);
            options.Progress?.Invoke(report);
            if (!double.IsFinite(trainingLoss))
            {
                break;
            }
        }

        return bestEpoch > 0
            ? history
            : throw new ArithmeticException(
                $"The loss of epoch {history.Count} is {history[^1].TrainingLoss} in training and {history[^1].ValidationLoss} in validation. "
                + $"Lower the learning rate from {step.LearningRate}, or scale the features.");
    }

    private static double Evaluate(BoundPlan<float> evaluation, Examples<float> table, int[] rows)
    {
        var sum = 0.0;
        for (var from = 0; from < rows.Length; from += EvaluationRows)
        {
            var batch = rows.AsSpan(from, Math.Min(EvaluationRows, rows.Length - from));
            sum += batch.Length * evaluation.Run(table, batch, 0);
        }

        return sum / rows.Length;
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
