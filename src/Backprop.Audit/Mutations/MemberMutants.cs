using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Audit.Mutations;

/// <summary>Members that share layers, whose losses, logits or adapters are wrong.</summary>
internal static class MemberMutants
{
    private static readonly Model Network = Model.Of(Signal.Features(6).SharedMembers(3, h => h.Linear(10).Apply(new Tanh()), 3), Head.Multiclass);
    private static readonly Specimen Members = Specimen.Of(Network);

    public static IReadOnlyList<Mutant> All { get; } =
    [
        Of("members' losses added up", "gradients are as many times too large as there are members", Loss(Sum)),
        Of("the loss of members' mean", "the head's loss of the mean of logits, for the mean of their losses", Loss(losses
            => losses[0].WithInputs([Mean(losses.Select(loss => loss.Inputs[0])), .. losses[0].Inputs.Skip(1)]))),
        Of("a member without a loss", "the last learns nothing, and the mean is that of the others", Loss(losses => Mean(losses[..^1]))),
        Of("members' logits added up", "for their mean, in training", GradientTrial.Forward(
            Members, node => IsMean(node) && node.Shape.IsBatch ? node.Inputs[0] : node)),
        Of("members scored by the sum of their logits", "probabilities are too certain", FindingTrial.Of(
            "scores of layers", "the network", () => ScoringRows.Run(nameof(MemberMean), Network),
            () => ScoringRows.Run(nameof(MemberMean), Model.Of(Signal.Of(new Sum(), Network.HeadOutputs[0].Trained), Network.Head), Network))),
        Of("adapters that are added", "to the features, for their product", GradientTrial.Forward(
            Members, node => node is { Op: Map { Name: nameof(Primitives.Multiplication) }, Inputs: [{ IsLeaf: true } x, { IsLeaf: true } adapter] }
                && x.Shape.IsBatch ? x + adapter : node)),
        Of("adapters that do not learn", "their gradient is dropped", GradientTrial.Backward(
            Members, node => node is { Op: ColumnSums, Inputs: [{ Op: Map, Inputs: var factors }] } && factors.Any(factor => factor.IsLeaf)
                ? Node.Constant(0, node.Shape) : node)),
        Of("shared weights that learn from one member", "of several uses of a weight only one gives a gradient", GradientTrial.Backward(
            Members, node => node is { Op: Map { Name: nameof(Primitives.Addition) }, Inputs: [{ Op: TransposedProduct } first, _] } ? first : node)),
    ];

    private static Mutant Of(string name, string breaks, Trial trial) => new(name, "members", breaks, trial);

    /// <summary>The loss that is learned from is another than the mean of the members' losses.</summary>
    /// <remarks>Times 0, as the engine reads each member's from the graph.</remarks>
    private static Trial Loss(Func<Node[], Node> of)
        => GradientTrial.Forward(Members, node => IsMean(node) && node.Shape == Shape.Scalar ? of([.. Terms(node.Inputs[0])]) + 0.0 * node : node);

    private static bool IsMean(Node node) => node is { Op: Map { Name: nameof(Primitives.Multiplication) }, Inputs: [var sum, { Op: Graph.Ops.Constant }] }
        && sum.Op is Map { Name: nameof(Primitives.Addition) };

    private static IEnumerable<Node> Terms(Node sum)
        => sum.Op is Map { Name: nameof(Primitives.Addition) } ? sum.Inputs.SelectMany(Terms) : [sum];

    private static Node Sum(IEnumerable<Node> terms) => terms.Aggregate((sum, term) => sum + term);

    private static Node Mean(IEnumerable<Node> terms) => Sum(terms) * (1.0 / terms.Count());
}
