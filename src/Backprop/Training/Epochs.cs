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
    private readonly TrainingStep<T> step;
    private readonly BoundPlan<T>? evaluation;
    private readonly TableRows<T> training;
    private readonly TableRows<T> validation;
    private readonly TorchRandom shuffles;
    private readonly int[] order;
    private readonly int[] batch;

    public Epochs(Weights<T> initial, TableRows<T> training, TableRows<T> validation, TrainingOptions options, TorchRandom random)
    {
        (this.training, this.validation) = (training, validation);
        shuffles = new(Streams.Of(options.Seed, Streams.Shuffles));
        (order, batch) = (new int[training.Rows.Length], new int[Math.Min(options.BatchSize, training.Rows.Length)]);
        step = new(initial, options.Optimizer, batch.Length, options.Engine, training.Table.SparseFeatures is not null, options.SparseUpdate, options.Updates);
        try
        {
            evaluation = Validates
                ? step.Evaluation(Math.Max(batch.Length, LeastEvaluationRows), options.Engine, validation.Table.SparseFeatures is not null)
                : null;
        }
        catch
        {
            step.Dispose();
            throw;
        }
    }

    /// <summary>Rows of a pass.</summary>
    public int TrainingRows => order.Length;

    /// <summary>Whether there are validation rows.</summary>
    public bool Validates => validation.Rows.Length > 0;

    /// <summary>One pass in a new order; the means of what each batch gave before its update.</summary>
    public BatchResult Train(CancellationToken cancellation)
    {
        shuffles.FillPermutation(order);
        return Average(order.Length, batch.Length, (from, count) =>
        {
            cancellation.ThrowIfCancellationRequested();
            for (var i = 0; i < count; i++)
            {
                batch[i] = training.Rows[order[from + i]];
            }

            return step.RunBatch(training.Table, batch.AsSpan(0, count), last: from + count == order.Length);
        });
    }

    /// <summary>The means over the validation rows; NaN without any.</summary>
    public BatchResult Validate() => evaluation is null
        ? new(0, double.NaN, double.NaN)
        : Average(validation.Rows.Length, evaluation.Plan.Capacity, (from, count) => evaluation.Run(validation.Table, validation.Rows.AsSpan(from, count), 0));

    private static BatchResult Average(int rows, int batchRows, Func<int, int, BatchResult> run)
    {
        var (loss, right) = (0.0, 0.0);
        for (var from = 0; from < rows; from += batchRows)
        {
            var count = Math.Min(batchRows, rows - from);
            var one = run(from, count);
            (loss, right) = (loss + count * one.Loss, right + one.Right);
        }

        return new(rows, loss / rows, right);
    }

    /// <summary>Copies the current weights out, unless one is not finite.</summary>
    /// <returns>Whether they were copied.</returns>
    public bool TryCopyWeightsTo(Weights<T> weights)
    {
        if (!step.IsFinite())
        {
            return false;
        }

        step.CopyAverageTo(weights);
        return true;
    }

    public void Dispose()
    {
        evaluation?.Dispose();
        step.Dispose();
    }
}
