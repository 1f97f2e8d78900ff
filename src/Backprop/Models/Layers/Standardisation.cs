using Backprop.Formulas;
using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>What LayerNorm and BatchNorm share: y = (x − mean) / √(variance + ε) · γ + β.</summary>
internal static class Standardisation
{
    /// <summary>γ, 1 at first, and β, 0 at first.</summary>
    public static IReadOnlyList<LayerTensor> Affine(int columns) =>
    [
        new("weight", 1, columns, TensorLayout.Vector, new Constant { Value = 1 }),
        new("bias", 1, columns, TensorLayout.Vector, new Zeros()),
    ];

    /// <summary>normalised · scale + shift, in one pass.</summary>
    public static Node Of(Node normalised, Node scale, Node shift) => Node.Map(new Primitives.MultiplyAdd(), normalised, scale, shift);
}
