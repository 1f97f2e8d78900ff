using System.Text.Json.Serialization;
using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>x · s with a learned factor for each column: a scaling layer, before others or between them.</summary>
public sealed class Scale : Layer
{
    /// <summary>Draws the factors; 1 each.</summary>
    [JsonIgnore]
    public Initializer InitialWeights { get; init; } = new Constant { Value = 1 };

    /// <inheritdoc/>
    public override int ColumnsOf(IReadOnlyList<int> inputs) => Only(inputs);

    /// <inheritdoc/>
    public override IReadOnlyList<LayerTensor> TensorsOf(IReadOnlyList<int> inputs)
        => [new("weight", 1, inputs[0], TensorLayout.Vector, InitialWeights)];

    /// <inheritdoc/>
    public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode) => inputs[0] * tensors[0];

    /// <inheritdoc/>
    public override string ToString() => "scale";
}
