using System.Text.Json.Serialization;
using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>Learned numbers for each category of a column that holds category numbers from 0. PyTorch's <c>nn.Embedding</c>.</summary>
/// <param name="categories">How many there are.</param>
/// <param name="units">Numbers for each.</param>
public sealed class Embedding(int categories, int units) : Layer
{
    /// <summary>How many categories there are; a number outside them is refused before a batch is run.</summary>
    public int Categories { get; } = Model.CheckUnits(categories, "The table of an Embedding layer");

    /// <summary>Numbers for each category.</summary>
    public int Units { get; } = Model.CheckUnits(units, "An Embedding layer");

    /// <summary>Draws the table; N(0, 1), PyTorch's default.</summary>
    [JsonIgnore]
    public Initializer InitialTable { get; init; } = new Normal();

    /// <inheritdoc/>
    public override int ColumnsOf(IReadOnlyList<int> inputs) => Only(inputs) == 1
        ? Units
        : throw new ArgumentException($"An Embedding layer takes one column of category numbers, not {inputs[0]}. "
            + "Choose it by Columns, and join embeddings by Concatenate.");

    /// <inheritdoc/>
    public override IReadOnlyList<LayerTensor> TensorsOf(IReadOnlyList<int> inputs)
        => [new("weight", Categories, Units, TensorLayout.AsIs, InitialTable)];

    /// <inheritdoc/>
    public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode) => inputs[0].Lookup(tensors[0]);

    /// <inheritdoc/>
    public override string ToString() => $"embedding {Units} of {Categories}";
}
