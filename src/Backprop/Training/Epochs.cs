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

    public Epochs(Weights<T> initial, TableRows<T> training, TableRows<T> validation, TrainingOptions options, TorchRandom random)
    {
        (this.training, this.validation, leastRows) = (training, validation, initial.Model.LeastRows);
        shuffles = new(Streams.Of(options.Seed, Streams.Shuffles));
        (order, batch) = (new int[training.Rows.Length], new int[Math.Min(options.BatchSize, training.Rows.Length)]);
        var batches = (order.Length + batch.Length - 1) / batch.Length;
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

    /// <summary>One pass in a new order; the means of what each batch gave before its update.</summary>
    public BatchResult Train(CancellationToken cancellation)
    {
        LearningRate = rates.Current;
        if (step is null)
        {
            return fullBatch!.Step(cancellation);
        }

        var made = step.Updates;
        shuffles.FillPermutation(order);
        return Average(TrainingRows, batch.Length, (from, count) =>
        {
            cancellation.ThrowIfCancellationRequested();
            for (var i = 0; i < count; i++)
            {
                batch[i] = training.Rows[order[from + i]];
            }

            step.LearningRate = LearningRate = rates.Current;
            var result = step.RunBatch(training.Table, batch.AsSpan(0, count), last: from + count == TrainingRows);
            rates.Finish(updates: step.Updates - made);
            made = step.Updates;
            return result;
        });
    }

    /// <summary>The means over the validation rows; NaN without any.</summary>
    public BatchResult Validate() => evaluation is null
        ? new(double.NaN, 0, 0, double.NaN, 0)
        : Average(validation.Rows.Length, evaluation.Plan.Capacity, (from, count) => evaluation.Run(validation.Table, validation.Rows.AsSpan(from, count), 0));

    /// <summary>Tells the schedule of learning rates how the epoch ended.</summary>
    public void Finish(BatchResult trained, BatchResult validated) => rates.FinishEpoch(Validates ? validated.Loss : trained.Loss);

    private static BatchResult Average(int rows, int batchRows, Func<int, int, BatchResult> run)
    {
        var (sum, terms, right, judged) = (0.0, 0.0, 0.0, 0);
        for (var from = 0; from < rows; from += batchRows)
        {
            var one = run(from, Math.Min(batchRows, rows - from));
            (sum, terms, right, judged) = (sum + one.Sum, terms + one.Terms, right + one.Right, judged + one.Judged);
        }

        return new(sum / terms, sum, terms, right, judged);
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

    public void Dispose()
    {
        evaluation?.Dispose();
        step?.Dispose();
        fullBatch?.Dispose();
    }
}
