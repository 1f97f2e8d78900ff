using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Passes over the training rows in shuffled mini-batches, and over the validation rows.</summary>
internal sealed class Epochs<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Rows of a batch of the evaluation at least: a smaller one would leave the tiles of a product half empty.</summary>
    public const int LeastEvaluationRows = 64;

    private readonly TrainingStep<T>? step;
    private readonly FullBatch<T>? fullBatch;
    private readonly LearningRates rates;
    private readonly BoundPlan<T>? evaluation;
    private readonly RowSource<T> training;
    private readonly RowSource<T> validation;
    private readonly TorchRandom shuffles;
    private readonly int leastRows;
    private readonly int batchRows;
    private BatchResult sums;

    public Epochs(Weights<T> initial, RowSource<T> training, RowSource<T> validation, TrainingOptions options, TorchRandom random)
    {
        (this.training, this.validation, leastRows) = (training, validation, initial.Model.LeastRows);
        shuffles = new(Streams.Of(options.Seed, Streams.Shuffles));
        batchRows = (int)Math.Min(options.BatchSize, training.Rows);
        var batches = (TrainingRows + batchRows - 1) / batchRows;
        var updates = (batches + options.Updates.AccumulatedBatches - 1) / options.Updates.AccumulatedBatches;
        rates = new(options.Schedule, options.Lbfgs?.LearningRate ?? options.Optimizer.LearningRate, options.Epochs, updates);
        if (options.Lbfgs is { } lbfgs)
        {
            fullBatch = new(initial, lbfgs, training, batchRows, options.Engine);
        }
        else
        {
            step = new(initial, options.Optimizer, batchRows, options.Engine, training.SparseFeatures, options.SparseUpdate, options.Updates, random);
        }

        try
        {
            var (rows, sparse) = (Math.Max(batchRows, LeastEvaluationRows), validation.SparseFeatures);
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
    public long TrainingRows => training.Rows % batchRows is var rest && rest < leastRows ? training.Rows - rest : training.Rows;

    /// <summary>Whether there are validation rows.</summary>
    public bool Validates => validation.Rows > 0;

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

        if (training.Position < 0)
        {
            training.Shuffle(shuffles, batchRows);
            sums = default;
        }

        while (training.Position < TrainingRows)
        {
            cancellation.ThrowIfCancellationRequested();
            var made = step.Updates;
            var batch = training.Next((int)Math.Min(batchRows, TrainingRows - training.Position));
            step.LearningRate = LearningRate = rates.Current;
            var result = step.RunBatch(batch.Table, batch.Rows, last: training.Position == TrainingRows);
            sums = sums.With(result);
            rates.Finish(updates: step.Updates - made);
            if (step.Updates > made && training.Position < TrainingRows)
            {
                updated();
            }
        }

        training.End();
        return sums;
    }

    /// <summary>The means over the validation rows; NaN without any.</summary>
    public BatchResult Validate() => evaluation is null ? BatchResult.None : Average(evaluation);

    /// <summary>Tells the schedule of learning rates how the epoch ended.</summary>
    public void Finish(BatchResult trained, BatchResult validated) => rates.FinishEpoch(Validates ? validated.Loss : trained.Loss);

    private BatchResult Average(BoundPlan<T> plan)
    {
        var result = default(BatchResult);
        for (validation.Rewind(plan.Plan.Capacity); validation.Position < validation.Rows;)
        {
            var batch = validation.Next((int)Math.Min(plan.Plan.Capacity, validation.Rows - validation.Position));
            result = result.With(plan.Run(batch.Table, batch.Rows, 0));
        }

        validation.End();

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
        training.Exchange(stream, shuffles, batchRows);
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
