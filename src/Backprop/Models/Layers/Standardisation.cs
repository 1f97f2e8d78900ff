using System.Runtime.CompilerServices;
using Backprop.Formulas;
using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>What LayerNorm and BatchNorm share: from a deviation and its variance to y = (x − mean) / √(variance + ε) · γ + β.</summary>
internal static class Standardisation
{
    /// <summary>γ, 1 at first, and β, 0 at first.</summary>
    public static IReadOnlyList<LayerTensor> Affine(int columns) =>
    [
        new("weight", 1, columns, TensorLayout.Vector, new Constant { Value = 1 }),
        new("bias", 1, columns, TensorLayout.Vector, new Zeros()),
    ];

    /// <summary>y.</summary>
    /// <param name="deviation">x − mean.</param>
    /// <param name="variance">A column or a row.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="tensors">γ and β.</param>
    public static Node Of(Node deviation, Node variance, double epsilon, IReadOnlyList<Node> tensors)
    {
        var inverse = Node.Map(new InverseRoot(), variance, epsilon);
        return Node.Map(new Fused(), deviation, inverse, tensors[0]) + tensors[1];
    }

    /// <summary>1 / √(variance + ε).</summary>
    private readonly record struct InverseRoot : IFormula
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => 1 / TX.Sqrt(a + b);
    }

    /// <summary>Deviation, inverse root and γ multiplied.</summary>
    private readonly record struct Fused : IFormula
    {
        public static int Inputs => 3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => a * b * c;
    }
}
