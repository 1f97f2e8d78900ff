using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Torch;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>Training steps to be timed: from the same weights, on the same batch, again and again. Their results are the losses of three steps.</summary>
internal abstract class StepContender : Contender
{
    /// <summary>Begins the stream that dropout draws from, the same in both libraries.</summary>
    protected const long MaskSeed = 3;

    /// <summary>One step; the loss before its update.</summary>
    protected abstract double Step();

    /// <inheritdoc/>
    public sealed override void Run() => Step();

    /// <inheritdoc/>
    public sealed override double[] Results()
    {
        Begin();
        try
        {
            return [Step(), Step(), Step()];
        }
        finally
        {
            End();
        }
    }
}

/// <summary>The engine's step, which gathers its rows from the table each time.</summary>
internal sealed class EngineStep(
    Weights<float> weights, Examples<float> examples, int batchSize, Optimizer optimizer, EngineOptions engine,
    SparseUpdate sparseUpdate = SparseUpdate.Dense) : StepContender
{
    private readonly int[] rows = [.. Enumerable.Range(0, batchSize)];
    private TrainingStep<float>? step;
    private int threads;

    /// <summary>Threads the plan uses; known once it was made.</summary>
    public override int Threads => threads;

    /// <inheritdoc/>
    public override void Begin()
    {
        step = new(weights, optimizer, rows.Length, engine, examples.SparseFeatures is not null, sparseUpdate, random: new(MaskSeed));
        threads = step.Threads;
    }

    /// <inheritdoc/>
    public override void End() => step!.Dispose();

    /// <inheritdoc/>
    protected override double Step() => step!.Run(examples, rows);
}

/// <summary>libtorch's step on that many threads, with the batch as ready-made tensors.</summary>
internal sealed class TorchStep(Weights<float> weights, Examples<float> examples, int batchSize, Optimizer optimizer, int threads) : StepContender
{
    private readonly TorchBatch<float> batch = new(weights.Model.Head, examples, [.. Enumerable.Range(0, batchSize)]);
    private TorchModel<float>? network;
    private TorchThreads? set;

    /// <inheritdoc/>
    public override int Threads => threads;

    /// <inheritdoc/>
    public override void Begin()
    {
        set = new(threads);
        TorchSharp.torch.manual_seed(MaskSeed);
        network = new(weights, optimizer);
    }

    /// <inheritdoc/>
    public override void End()
    {
        network!.Dispose();
        set!.Dispose();
    }

    /// <inheritdoc/>
    public override void Dispose() => batch.Dispose();

    /// <inheritdoc/>
    protected override double Step() => network!.Step(batch);
}
