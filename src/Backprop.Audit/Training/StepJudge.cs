using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>All witnesses of one training step, and what comes of comparing them.</summary>
internal sealed class StepJudge
{
    // PyTorch's optimizers may take two operations for one of the formula's: NAdam's weights move twice in a step.
    private const double TheirRoundings = 2;

    private readonly NetworkBounds network;
    private readonly UpdateBounds inFloat, inDouble;
    private readonly MeantUpdate update;
    private readonly Lazy<FormulaDoubt?> doubt;

    /// <summary>Runs the reference.</summary>
    /// <param name="weights">The weights before the step.</param>
    /// <param name="memory">What the optimizer remembers before it.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="masks">The stream of dropout's masks.</param>
    /// <param name="update">The update as it should be.</param>
    /// <param name="doubt">That of network and optimizer.</param>
    public StepJudge(
        Weights<double> weights, IReadOnlyList<Weights<double>> memory, Examples<double> batch, TorchRandom masks, MeantUpdate update,
        Lazy<FormulaDoubt?> doubt)
    {
        (this.update, this.doubt) = (update, doubt);
        network = NetworkOf(weights, batch, masks);
        (inFloat, inDouble) = (new(network, weights, memory, update, Bounded.Float), new(network, weights, memory, update, Hearing.BothRound));
    }

    /// <summary>The network on the batch, by plain loops.</summary>
    public static NetworkBounds NetworkOf(Weights<double> weights, Examples<double> batch, TorchRandom masks)
        => new(weights, batch, weights.Model.HasDropout ? masks : null);

    /// <summary>Judges.</summary>
    /// <param name="ours">The engine in float.</param>
    /// <param name="precise">The engine in double.</param>
    /// <param name="theirs">libtorch in float, or null.</param>
    /// <param name="theirsPrecise">libtorch in double, or null.</param>
    /// <returns>The tensor with the worst verdict.</returns>
    public StepAgreement Of(StepNumbers ours, StepNumbers precise, StepNumbers? theirs, StepNumbers? theirsPrecise)
    {
        static Witness Theirs(Witness witness) => witness with { Unit = TheirRoundings * witness.Unit };
        var hearing = new Hearing(
            network, inFloat, inDouble, new(inFloat.WitnessOf(ours), inDouble.WitnessOf(precise)),
            theirs is null || theirsPrecise is null ? null : new(Theirs(inFloat.WitnessOf(theirs)), Theirs(inDouble.WitnessOf(theirsPrecise))),
            () => doubt.Value);
        return StepReport.WorstOf(inFloat.Tensors.Select((_, i) => new StepAgreement((int)update.Step, hearing.Of(i))));
    }

    /// <summary>Why the formulas of a training cannot be relied on; null where they can.</summary>
    public static FormulaDoubt? Contradiction(Model model, Optimizer optimizer) => Definitions.Contradiction(model) ?? Contradiction(optimizer);

    /// <summary>Why an optimizer's formula cannot be relied on: its second text contradicts it, or there is none; null where it can.</summary>
    private static FormulaDoubt? Contradiction(Optimizer optimizer)
        => Optimizer.All.All(known => known.GetType() != optimizer.GetType()) ? FormulaDoubt.NoSecondText(optimizer.Name)
            : OptimizerAudit.Run(OptimizerAudit.Comparable(optimizer)).FirstOrDefault(finding => finding.Verdict.IsAgainstUs) is { } finding
                ? new(true, finding.Where)
            : null;
}
