using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Models;

namespace Backprop.Audit.Mutations;

/// <summary>Layers that give a wrong value or gradient.</summary>
internal static class LayerMutants
{
    private static readonly Specimen BatchNorm = Specimen.Of(Model.Of(Signal.Features(6).Linear(10).BatchNorm().Apply(new Tanh()).Linear(3), Head.Multiclass));
    private static readonly Specimen LayerNorm = Specimen.Of(Model.Of(Signal.Features(6).Linear(10).LayerNorm().Apply(new Tanh()).Linear(3), Head.Multiclass));

    public static IReadOnlyList<Mutant> All { get; } =
    [
        Of("batch norm with the unbiased variance", "n − 1 for n in the value, and in the gradient that follows from it", GradientTrial.Forward(
            BatchNorm, node => node.Op is Normalisation ? node * (1 - Node.BatchShare()).Sqrt() : node)),
        Of("batch norm's gradient with a constant mean", "− mean g is missing", Gradient(BatchNorm, (g, y, of) => g - y * of.Mean(g * y))),
        Of("batch norm's gradient with a constant variance", "− y · mean(g y) is missing", Gradient(BatchNorm, (g, _, of) => g - of.Mean(g))),
        Of("layer norm with ε outside the root", "σ + ε for √(σ² + ε)", GradientTrial.Forward(LayerNorm, EpsilonOutside)),
        Of("layer norm's gradient with a constant mean", "− mean g is missing", Gradient(LayerNorm, (g, y, of) => g - y * of.Mean(g * y))),
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
