using Backprop.Graph;
using Backprop.Graph.Ops;

namespace Backprop.Audit.Mutations;

/// <summary>Arithmetic in float that is worse than float's; in double all is sound.</summary>
internal static class PrecisionMutants
{
    private static readonly Specimen Usual = Specimen.Of("20-40-3", "tanh", "multiclass", rows: 32);

    public static IReadOnlyList<Mutant> All { get; } =
    [
        Of("bf16 products", "operands have 8 bits", Products(RoundedTo.Bfloat16)),
        Of("TF32 products", "operands have 11 bits", Products(RoundedTo.Tf32)),
        Of("sums of products in half precision", "small terms are lost", GradientTrial.InFloat(
            Usual, node => node.Op is Product ? Node.Of(new ProductInHalf(), node.Inputs) : node)),
        Of("all gradients times 1 + 1e-6", "about eight roundings in one direction", Scaled(1e-6)),
        Of("all gradients times 1 + 1e-5", "below the tolerance of PyTorch's assert_close", Scaled(1e-5)),
        Of("softmax off by 1e-5", "of an exponential that is too coarse", GradientTrial.InFloat(
            Usual, node => node.Op is MeanLossGradient ? node + 1e-5 * node.Inputs[0].Softmax() * Node.BatchShare() : node)),
        Of("gradients below 1e-4 flushed to 0", "as denormal numbers may be", GradientTrial.InFloat(
            Usual, node => node.Op is ApplyGradient ? Node.IfPositive(node.Abs() - 1e-4, node, 0) : node)),
    ];

    private static Mutant Of(string name, string breaks, Trial trial) => new(name, "precision", breaks, trial);

    private static Trial Products(RoundedTo rounded) => GradientTrial.InFloat(
        Usual, node => node.Op is Product or TransposedProduct ? node.WithInputs([.. node.Inputs.Select(input => Node.Map(rounded, input))]) : node);

    private static Trial Scaled(double by) => GradientTrial.InFloat(Usual, node => node.Op is MeanLossGradient ? node * (1 + by) : node);
}
