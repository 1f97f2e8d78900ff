using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Some rows of a table.</summary>
internal sealed record TableRows<T>(Examples<T> Table, int[] Rows) where T : unmanaged, IFloatingPointIeee754<T>;

/// <summary>Passes over the training rows in shuffled mini-batches, and over the validation rows.</summary>
internal sealed class Epochs<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int EvaluationRows = 256;
    private readonly TrainingStep<T> step;
    private readonly BoundPlan<T>? evaluation;
    private readonly TableRows<T> training;
    private readonly TableRows<T> validation;
    private readonly Weights<T> candidate;
    private readonly TorchRandom shuffles;
    private readonly int[] order;
    private readonly int[] batch;

    public Epochs(Weights<T> initial, TableRows<T> training, TableRows<T> validation, TrainingOptions options)
    {
        (this.training, this.validation, candidate) = (training, validation, initial.Clone());
        shuffles = new(Streams.Of(options.Seed, Streams.Shuffles));
        (order, batch) = (new int[training.Rows.Length], new int[Math.Min(options.BatchSize, training.Rows.Length)]);
        step = new(initial, options.Optimizer, batch.Length, options.Engine, training.Table.SparseFeatures is null ? null : options.SparseUpdate);
        evaluation = Validates ? step.Evaluation(EvaluationRows, options.Engine, validation.Table.SparseFeatures is not null) : null;
    }

    /// <summary>Rows of a pass.</summary>
    public int TrainingRows => order.Length;

    /// <summary>Whether there are validation rows.</summary>
    public bool Validates => validation.Rows.Length > 0;

    /// <summary>One pass in a new order; the mean loss, each batch's before its update.</summary>
    public double Train(CancellationToken cancellation)
    {
        shuffles.FillPermutation(order);
        var sum = 0.0;
        for (var from = 0; from < order.Length; from += batch.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            var rows = batch.AsSpan(0, Math.Min(batch.Length, order.Length - from));
            for (var i = 0; i < rows.Length; i++)
            {
                rows[i] = training.Rows[order[from + i]];
            }

            sum += rows.Length * step.Run(training.Table, rows);
        }

        return sum / order.Length;
    }

    /// <summary>The mean loss of the validation rows; NaN without any.</summary>
    public double Validate()
    {
        var sum = 0.0;
        for (var from = 0; from < validation.Rows.Length; from += EvaluationRows)
        {
            var rows = validation.Rows.AsSpan(from, Math.Min(EvaluationRows, validation.Rows.Length - from));
            sum += rows.Length * evaluation!.Run(validation.Table, rows, 0);
        }

        return sum / validation.Rows.Length;
    }

    /// <summary>Copies the current weights out, unless one is not finite.</summary>
    /// <returns>Whether they were copied.</returns>
    public bool TryCopyWeightsTo(Weights<T> weights)
    {
        step.CopyWeightsTo(candidate);
        foreach (var weight in candidate.Values)
        {
            if (!T.IsFinite(weight))
            {
                return false;
            }
        }

        candidate.Values.CopyTo(weights.Values);
        return true;
    }

    public void Dispose()
    {
        evaluation?.Dispose();
        step.Dispose();
    }
}
