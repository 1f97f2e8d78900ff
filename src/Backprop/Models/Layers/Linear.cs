using System.Text.Json.Serialization;
using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>x W + b: every unit a weighted sum of all inputs. PyTorch's <c>nn.Linear</c>.</summary>
/// <param name="units">Columns of the result, from 1 to <see cref="Model.MaxUnits"/>.</param>
public sealed class Linear(int units) : Layer
{
    /// <summary>Columns of the result.</summary>
    public int Units { get; } = Model.CheckUnits(units, "A Linear layer");

    /// <summary>Whether a number is added to each column.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Draws the weights; null for as the network's are drawn, by default as PyTorch does.</summary>
    [JsonIgnore]
    public Initializer? InitialWeights { get; init; }

    /// <summary>Draws the biases; null for as the network's are drawn, by default as PyTorch does.</summary>
    [JsonIgnore]
    public Initializer? InitialBiases { get; init; }

    /// <inheritdoc/>
    public override bool TakesSparse => true;

    /// <inheritdoc/>
    public override int ColumnsOf(IReadOnlyList<int> inputs) => Only(inputs) > 0 ? Units : 0;

    /// <inheritdoc/>
    public override IReadOnlyList<LayerTensor> TensorsOf(IReadOnlyList<int> inputs)
        => [.. Tensors(inputs[0], Units, InitialWeights, InitialBiases).Take(Bias ? 2 : 1)];

    /// <summary>Weights and biases of any layer that multiplies by them.</summary>
    internal static IReadOnlyList<LayerTensor> Tensors(int inputs, int units, Initializer? weights, Initializer? biases) =>
    [
        new("weight", units, inputs, TensorLayout.Transposed, weights),
        new("bias", 1, units, TensorLayout.Vector, biases) { FanIn = inputs, FanOut = units },
    ];

    /// <inheritdoc/>
    public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode)
    {
        var product = inputs[0].Times(tensors[0]);
        return Bias ? product.AddRow(tensors[1]) : product;
    }

    /// <inheritdoc/>
    public override string ToString() => Bias ? $"linear {Units}" : $"linear {Units} without bias";
}
