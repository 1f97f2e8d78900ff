using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Some rows of a table.</summary>
internal sealed record TableRows<T>(Examples<T> Table, int[] Rows) where T : unmanaged, IFloatingPointIeee754<T>;

/// <summary>Passes over the training rows in shuffled mini-batches, and over the validation rows.</summary>
internal sealed class Epochs<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    // A small batch would leave the tiles of a product half empty.
    private const int LeastEvaluationRows = 64;
    private readonly TrainingStep<T>? step;
    private readonly FullBatch<T>? fullBatch;
    private readonly LearningRates rates;
    private readonly BoundPlan<T>? evaluation;
    private readonly TableRows<T> training;
    private readonly TableRows<T> validation;
    private readonly TorchRandom shuffles;
    private readonly int leastRows;
    private readonly int[] order;
    private readonly int[] batch;

    // Where the next batch begins in the order; below 0 before an epoch's order is drawn.
    private int position = -1;
    private BatchResult sums;

    public Epochs(Weights<T> initial, TableRows<T> training, TableRows<T> validation, TrainingOptions options, TorchRandom random)
    {
        (this.training, this.validation, leastRows) = (training, validation, initial.Model.LeastRows);
        shuffles = new(Streams.Of(options.Seed, Streams.Shuffles));
        (order, batch) = (new int[training.Rows.Length], new int[Math.Min(options.BatchSize, training.Rows.Length)]);
        var batches = (TrainingRows + batch.Length - 1) / batch.Length;
        var updates = (batches + options.Updates.AccumulatedBatches - 1) / options.Updates.AccumulatedBatches;
        rates = new(options.Schedule, options.Lbfgs?.LearningRate ?? options.Optimizer.LearningRate, options.Epochs, updates);
        if (options.Lbfgs is { } lbfgs)
        {
            fullBatch = new(initial, lbfgs, training, batch.Length, options.Engine);
        }
        else
        {
            step = new(initial, options.Optimizer, batch.Length, options.Engine, training.Table.SparseFeatures is not null, options.SparseUpdate, options.Updates, random);
        }

        try
        {
            var (rows, sparse) = (Math.Max(batch.Length, LeastEvaluationRows), validation.Table.SparseFeatures is not null);
            evaluation = !Validates ? null
                : fullBatch?.Evaluation(rows, options.Engine, sparse) ?? step!.Evaluation(rows, options.Engine, sparse);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Rows of a pass: all, unless the last batch would have fewer than the network can be trained on.</summary>
    public int TrainingRows => order.Length % batch.Length is var rest && rest < leastRows ? order.Length - rest : order.Length;

    /// <summary>Whether there are validation rows.</summary>
    public bool Validates => validation.Rows.Length > 0;

    /// <summary>The learning rate of the last update.</summary>
    public double LearningRate { get; private set; }

    /// <summary>Updates made so far; of L-BFGS, steps.</summary>
    public long Updates => step?.Updates ?? rates.State.Epochs;

    /// <summary>Whether state can be saved: no sum of gradients, and no step over all rows, is half done.</summary>
    public bool IsBetweenUpdates => step is { IsBetweenUpdates: true };

    /// <summary>One pass in a new order, or the rest of one; the means of what each batch gave before its update.</summary>
    /// <param name="cancellation">Looked at before every batch.</param>
    /// <param name="updated">Called after every update.</param>
    public BatchResult Train(CancellationToken cancellation, Action updated)
    {
        LearningRate = rates.Current;
        if (step is null)
        {
            return fullBatch!.Step(cancellation);
        }

        if (position < 0)
        {
            shuffles.FillPermutation(order);
            (position, sums) = (0, default);
        }

        while (position < TrainingRows)
        {
            cancellation.ThrowIfCancellationRequested();
            var made = step.Updates;
            var rows = batch.AsSpan(0, Math.Min(batch.Length, TrainingRows - position));
            for (var i = 0; i < rows.Length; i++)
            {
                rows[i] = training.Rows[order[position + i]];
            }

            position += rows.Length;
            step.LearningRate = LearningRate = rates.Current;
            var result = step.RunBatch(training.Table, rows, last: position == TrainingRows);
            sums = sums.With(result);
            rates.Finish(updates: step.Updates - made);
            if (step.Updates > made && position < TrainingRows)
            {
                updated();
            }
        }

        position = -1;
        return sums;
    }

    /// <summary>The means over the validation rows; NaN without any.</summary>
    public BatchResult Validate() => evaluation is null ? BatchResult.None : Average(evaluation);

    /// <summary>Tells the schedule of learning rates how the epoch ended.</summary>
    public void Finish(BatchResult trained, BatchResult validated) => rates.FinishEpoch(Validates ? validated.Loss : trained.Loss);

    private BatchResult Average(BoundPlan<T> plan)
    {
        var result = default(BatchResult);
        for (var from = 0; from < validation.Rows.Length; from += plan.Plan.Capacity)
        {
            var rows = validation.Rows.AsSpan(from, Math.Min(plan.Plan.Capacity, validation.Rows.Length - from));
            result = result.With(plan.Run(validation.Table, rows, 0));
        }

        return result;
    }

    /// <summary>Copies the current weights out, unless one is not finite.</summary>
    /// <returns>Whether they were copied.</returns>
    public bool TryCopyWeightsTo(Weights<T> weights)
    {
        if (!(step?.IsFinite() ?? fullBatch!.IsFinite()))
        {
            return false;
        }

        step?.CopyAverageTo(weights);
        fullBatch?.CopyWeightsTo(weights);
        return true;
    }

    /// <summary>Saves or loads where training stands.</summary>
    public void Exchange(StateStream stream)
    {
        var (rate, state) = (LearningRate, rates.State);
        var numbers = (state.Epochs, state.Updates, state.Plateau.Rate, state.Plateau.Best, state.Plateau.Bad, state.Plateau.Cooldown);
        stream.Exchange(shuffles);
        stream.Exchange(order.AsSpan());
        stream.Exchange(ref position);
        stream.Exchange(ref sums);
        stream.Exchange(ref rate);
        stream.Exchange(ref numbers);
        LearningRate = rate;
        rates.State = new(numbers.Epochs, numbers.Updates, new(numbers.Rate, numbers.Best, numbers.Bad, numbers.Cooldown));
        step?.Exchange(stream);
        fullBatch?.Exchange(stream);
    }

    public void Dispose()
    {
        evaluation?.Dispose();
        step?.Dispose();
        fullBatch?.Dispose();
    }
}
