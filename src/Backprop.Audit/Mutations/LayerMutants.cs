using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Models;

namespace Backprop.Audit.Mutations;

/// <summary>Layers that give a wrong value or gradient.</summary>
internal static class LayerMutants
{
    private const double Probability = 0.25;

    private static readonly Specimen BatchNorm = Specimen.Of(Model.Of(Signal.Features(6).Linear(10).BatchNorm().Apply(new Tanh()).Linear(3), Head.Multiclass));
    private static readonly Specimen LayerNorm = Specimen.Of(Model.Of(Signal.Features(6).Linear(10).LayerNorm().Apply(new Tanh()).Linear(3), Head.Multiclass));

    private static readonly Specimen Dropout =
        Specimen.Of(Model.Of(Signal.Features(6).Linear(10).Apply(new Tanh()).Dropout(Probability).Linear(3), Head.Multiclass));
    private static readonly Specimen Embedding = Specimen.Of(Model.Of(Signal.Features(1).Embedding(4, 6).Linear(3), Head.Multiclass));
    private static readonly Specimen RadialBasis = Specimen.Of(Model.Of(Signal.Features(3).RadialBasis(10).Linear(2), Head.Regression));

    public static IReadOnlyList<Mutant> All { get; } =
    [
        Of("batch norm with the unbiased variance", "n − 1 for n in the value, and in the gradient that follows from it", GradientTrial.Forward(
            BatchNorm, node => node.Op is Normalisation ? node * (1 - Node.BatchShare()).Sqrt() : node)),
        Of("batch norm's gradient with a constant mean", "− mean g is missing", Gradient(BatchNorm, (g, y, of) => g - y * of.Mean(g * y))),
        Of("batch norm's gradient with a constant variance", "− y · mean(g y) is missing", Gradient(BatchNorm, (g, _, of) => g - of.Mean(g))),
        Of("layer norm with ε outside the root", "σ + ε for √(σ² + ε)", GradientTrial.Forward(LayerNorm, EpsilonOutside)),
        Of("layer norm's gradient with a constant mean", "− mean g is missing", Gradient(LayerNorm, (g, y, of) => g - y * of.Mean(g * y))),
        Of("dropout without its scale", "what is kept is not divided by 1 − p", GradientTrial.Forward(
            Dropout, node => IsMasked(node) ? node * (1 - Probability) : node)),
        Of("another mask backward", "the columns of the mask are shifted by one", GradientTrial.Backward(
            Dropout, node => IsMasked(node) ? node.WithInputs([.. node.Inputs.Select(input => IsMask(input) ? Shifted(input) : input)]) : node)),
        Of("an embedding's gradient overwritten", "of rows of one category the last alone counts", GradientTrial.Backward(
            Embedding, node => node.Op is LookupSums ? Node.Of(new OverwritingLookup(node.Shape.Rows), node.Inputs) : node)),
        Of("a squared distance's gradient without its 2", "of radial basis functions", GradientTrial.Backward(
            RadialBasis,
            node => node is { Op: Map { Name: nameof(Primitives.Multiplication) }, Inputs: [{ Op: Graph.Ops.Constant { Value: 2 } }, var rest] }
                ? rest : node)),
    ];

    private static Mutant Of(string name, string breaks, Trial trial) => new(name, "layer", breaks, trial);

    /// <summary>s · f(g, y): the gradient of a normalisation but for a term.</summary>
    private static Trial Gradient(Specimen specimen, Func<Node, Node, Normalisation, Node> terms) => GradientTrial.Backward(specimen, node =>
    {
        if (node is not { Op: NormalisationGradient { Normalisation: var of }, Inputs: [var g, var x] })
        {
            return node;
        }

        var variance = of.Mean((x - of.Mean(x)).Square());
        return terms(g, Node.Of(of, x), of) / (variance + of.Epsilon).Sqrt();
    });

    private static bool IsMasked(Node node) => node.Op is Map { Name: nameof(Primitives.Multiplication) } && node.Inputs.Any(IsMask);

    private static bool IsMask(Node node) => node.Op is Source { Filled: true };

    private static Node Shifted(Node mask) => Node.Concatenate(mask.Columns(1, mask.Shape.Columns - 1), mask.Columns(0, 1));

    private static Node EpsilonOutside(Node node)
    {
        if (node is not { Op: Normalisation of, Inputs: [var x] })
        {
            return node;
        }

        var deviation = x - of.Mean(x);
        return deviation / (of.Mean(deviation.Square()).Sqrt() + of.Epsilon);
    }
}
