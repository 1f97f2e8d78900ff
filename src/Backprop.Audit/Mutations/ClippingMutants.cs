using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Audit.Mutations;

/// <summary>A bound of the gradients' norm that is wrong.</summary>
internal static class ClippingMutants
{
    private const double Most = 0.01, Small = 1e-5;

    private static readonly Specimen Usual = Specimen.Of("6-10-3", "tanh", "multiclass");

    // One tensor: its norm is that of all.
    private static readonly Specimen Single = Specimen.Of(Model.Of(Signal.Features(6).Through(new Linear(3) { Bias = false }), Head.Multiclass));

    public static IReadOnlyList<Mutant> All { get; } =
    [
        Of("a norm for each tensor instead of one for all", "directions change", FindingTrial.Of(
            "clipping", "nodes of the graph", () => [Run(Usual, Most)], () => [Run(Usual, Most, g => g * Node.Min(1, Most / (Norm(g) + 1e-6)))])),
        Of("clipping without its ε", "bound / ‖g‖ for bound / (‖g‖ + 1e-6)", FindingTrial.Of(
            "clipping", "nodes of the graph", () => [Run(Single, Small)], () => [Run(Single, Small, g => g * Node.Min(1, Small / Norm(g)))])),
        Of("small gradients made larger", "bound / ‖g‖ also where ‖g‖ is below it", FindingTrial.Of(
            "clipping", "nodes of the graph", () => [Run(Single, 1)], () => [Run(Single, 1, g => g / (Norm(g) + 1e-6))])),
        Of("gradients' numbers bounded instead of their norm", "clip_grad_value_ for clip_grad_norm_", FindingTrial.Of(
            "clipping", "nodes of the graph", () => [Run(Usual, Most)], () => [Run(Usual, Most, g => Node.Min(Node.Max(g, -Most), Most))])),
    ];

    private static Mutant Of(string name, string breaks, Trial trial) => new(name, "clipping", breaks, trial);

    private static Node Norm(Node gradient) => gradient.Square().Sum().Sqrt();

    private static Finding Run(Specimen of, double most, UpdateOptions? given = null, Rewriting? rewriting = null) => UpdateAudit.Run(
        of.Weights, of.Batch, of.Batch.Rows, new("norm", new() { LearningRate = 1 }, new() { ClipNorm = most }), given, rewriting);

    /// <summary>The engine bounds nothing; each gradient is made what the defect makes of it.</summary>
    private static Finding Run(Specimen of, double most, Func<Node, Node> clipped)
        => Run(of, most, new(), new(null, node => node.Op is TransposedProduct or ColumnSums ? clipped(node) : node));
}
