using System.Numerics;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>Makes the engine's training steps, or those of an engine with a defect.</summary>
/// <param name="Optimizer">The optimizer it trains with.</param>
/// <param name="Engine">Threads and vector width.</param>
/// <param name="Rewriting">Puts other nodes in the place of some of the graph; null for the engine as it is.</param>
internal sealed record StepMaker(Optimizer Optimizer, EngineOptions? Engine, Func<Rewriting>? Rewriting = null)
{
    /// <summary>A case's learning rate as this engine has it: one whose own is another has it another by as much.</summary>
    public double RateOf(TrainingCase of, double rate) => rate * (Optimizer.LearningRate / of.Optimizer.LearningRate);

    /// <summary>A training.</summary>
    /// <param name="weights">Where it starts.</param>
    /// <param name="batchSize">Rows of a batch.</param>
    /// <param name="random">The stream of dropout's masks.</param>
    public TrainingStep<T> Of<T>(Weights<T> weights, int batchSize, TorchRandom? random = null) where T : unmanaged, IFloatingPointIeee754<T> => new(
        weights, Optimizer, batchSize, Engine, false, SparseUpdate.Dense, null, random ?? new(GradientAudit.MaskSeed),
        keepGradients: false, Rewriting?.Invoke());
}
