using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Backprop.Formulas;
using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>x where x &gt; 0, else α x with one learned α, or one for each column. He et al. (2015). PyTorch's <c>nn.PReLU</c>.</summary>
public sealed class PRelu : Layer
{
    /// <summary>Whether each column has an α of its own; else all share one, PyTorch's default.</summary>
    public bool SlopePerColumn { get; init; }

    /// <summary>α to begin with; PyTorch's default.</summary>
    [JsonIgnore]
    public Initializer InitialSlopes { get; init; } = new Constant { Value = 0.25 };

    /// <inheritdoc/>
    public override int ColumnsOf(IReadOnlyList<int> inputs) => Only(inputs);

    /// <inheritdoc/>
    public override IReadOnlyList<LayerTensor> TensorsOf(IReadOnlyList<int> inputs)
        => [new("weight", 1, SlopePerColumn ? inputs[0] : 1, TensorLayout.Vector, InitialSlopes)];

    /// <inheritdoc/>
    public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode)
        => Node.Map(new Formula(), inputs[0], tensors[0]);

    /// <inheritdoc/>
    public override string ToString() => "prelu";

    /// <summary>x and α. At 0 the derivative is α, as in PyTorch.</summary>
    private readonly record struct Formula : IFormula
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.IfPositive(a, a, b * a);
    }
}
