using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Models;

namespace Backprop.Audit.Mutations;

/// <summary>Defects that show from one batch to the next.</summary>
internal static class TrainingMutants
{
    private static readonly Specimen BatchNorm =
        Specimen.Of(Model.Of(Signal.Features(6).Linear(10).BatchNorm().Apply(new Tanh()).Linear(3), Head.Multiclass), rows: 36);

    public static IReadOnlyList<Mutant> All { get; } =
    [
        Of("a stale buffer", "the loss's gradient is the last batch's", Remembered(node => node.Op is MeanLossGradient, adds: false)),
        Of("gradients not set to 0 between batches", "a weight's gradient is added to the last one",
            Remembered(node => node.Op is TransposedProduct, adds: true)),
        Of("a running variance that is biased", "n for n − 1", TrainingTrial.Graph(BatchNorm, () => new(
            node => node is { Op: Map { Name: nameof(Primitives.Division) }, Inputs: [var variance, { Op: Map { Name: nameof(Primitives.Subtraction) } }] }
                ? variance : node,
            null))),
        Of("running statistics with the momentum of the other side", "0.9 of the batch for 0.1", TrainingTrial.Graph(BatchNorm, () => new(
            node => node is { Op: Map { Name: nameof(Primitives.Multiplication) }, Inputs: [{ Op: Graph.Ops.Constant { Value: 0.1 } }, var change] }
                ? 0.9 * change : node,
            null))),
    ];

    private static Mutant Of(string name, string breaks, Trial trial) => new(name, "training", breaks, trial);

    private static Trial Remembered(Func<Node, bool> isDamaged, bool adds)
        => TrainingTrial.Graph(TrainingTrial.Usual, () => new(null, node => isDamaged(node) ? Node.Of(new Remembering(adds), node) : node));
}
