using Backprop.Models;

namespace Backprop.Training;

/// <summary>Some rows of a table.</summary>
internal sealed record TableRows(Examples<float> Table, int[] Rows);

/// <summary>Passes over the training rows in shuffled mini-batches, and over the validation rows.</summary>
internal sealed class Epochs : IDisposable
{
    private const int EvaluationRows = 256;
    private readonly TrainingStep<float> step;
    private readonly BoundPlan<float> evaluation;
    private readonly TableRows training;
    private readonly TableRows validation;
    private readonly TorchRandom shuffles;
    private readonly int[] order;
    private readonly int[] batch;

    public Epochs(Weights<float> initial, TableRows training, TableRows validation, TrainingOptions options)
    {
        (this.training, this.validation) = (training, validation);
        shuffles = new(options.Seed + 1);
        (order, batch) = (new int[training.Rows.Length], new int[Math.Min(options.BatchSize, training.Rows.Length)]);
        step = new(initial, options.Optimizer, batch.Length, options.Engine);
        evaluation = step.Evaluation(EvaluationRows, options.Engine);
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
            sum += rows.Length * evaluation.Run(validation.Table, rows, 0);
        }

        return sum / validation.Rows.Length;
    }

    /// <summary>Copies the current weights out.</summary>
    public void CopyWeightsTo(Weights<float> weights) => step.CopyWeightsTo(weights);

    public void Dispose()
    {
        evaluation.Dispose();
        step.Dispose();
    }
}
