using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Comparisons.Contenders;

/// <summary>The forward pass of a training step: the loss of the batch, on one thread. Its result is that loss.</summary>
internal sealed class EngineForward : Contender
{
    private readonly Examples<float> examples;
    private readonly int[] rows;
    private readonly TrainingStep<float> step;
    private readonly BoundPlan<float> plan;

    public EngineForward(Weights<float> weights, Examples<float> examples, int batchSize)
    {
        (this.examples, rows) = (examples, [.. Enumerable.Range(0, batchSize)]);
        step = new(weights, new Sgd(), batchSize, new() { Threads = 1 });
        plan = step.Evaluation(batchSize, new() { Threads = 1 });
    }

    /// <inheritdoc/>
    public override void Run() => plan.Run(examples, rows, 0);

    /// <inheritdoc/>
    public override double[] Results() => [plan.Run(examples, rows, 0).Loss];

    /// <inheritdoc/>
    public override void Dispose()
    {
        plan.Dispose();
        step.Dispose();
    }
}
