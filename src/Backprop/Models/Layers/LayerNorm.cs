using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>
/// (x − mean) / √(variance + ε) · γ + β, mean and variance over the columns of each row. Ba, Kiros and Hinton (2016). PyTorch's <c>nn.LayerNorm</c>.
/// </summary>
public sealed class LayerNorm : Layer
{
    /// <summary>ε, above 0.</summary>
    public double Epsilon { get; init => field = Check(value, value > 0 && double.IsFinite(value), nameof(Epsilon), "a finite number above 0"); } = 1e-5;

    /// <inheritdoc/>
    public override int ColumnsOf(IReadOnlyList<int> inputs) => Only(inputs);

    /// <inheritdoc/>
    public override IReadOnlyList<LayerTensor> TensorsOf(IReadOnlyList<int> inputs) => Standardisation.Affine(inputs[0]);

    /// <inheritdoc/>
    public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode)
        => Standardisation.Of(inputs[0].NormaliseRows(Epsilon), tensors[0], tensors[1]);

    /// <inheritdoc/>
    public override string ToString() => "layer norm";
}
