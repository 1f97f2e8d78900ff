using System.Text.Json.Serialization;
using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>exp(−‖W_i − x‖² / σ²): units that answer near a learned centre W_i. Broomhead and Lowe (1988).</summary>
/// <param name="units">Columns of the result.</param>
/// <param name="sigma">σ, above 0: how far a unit reaches, in the inputs' units.</param>
public sealed class RadialBasis(int units, double sigma = 1) : Layer
{
    /// <summary>Columns of the result.</summary>
    public int Units { get; } = Model.CheckUnits(units, "A RadialBasis layer");

    /// <summary>σ.</summary>
    public double Sigma { get; } = sigma > 0 && double.IsFinite(sigma * sigma) && sigma * sigma > 0
        ? sigma
        : throw new ArgumentException(
            FormattableString.Invariant($"Sigma of a RadialBasis layer is {sigma}, whose square is not a finite number above 0. Correct it."));

    /// <summary>Draws the centres; N(0, 1), for standardised inputs.</summary>
    [JsonIgnore]
    public Initializer InitialCentres { get; init; } = new Normal();

    /// <inheritdoc/>
    public override int ColumnsOf(IReadOnlyList<int> inputs) => Only(inputs) > 0 ? Units : 0;

    /// <inheritdoc/>
    public override IReadOnlyList<LayerTensor> TensorsOf(IReadOnlyList<int> inputs)
        => [new("weight", Units, inputs[0], TensorLayout.Transposed, InitialCentres)];

    /// <inheritdoc/>
    public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode)
        => (inputs[0].SquaredDistanceTo(tensors[0]) * (-1 / (Sigma * Sigma))).Exp();

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"radial basis {Units} of σ {Sigma}");
}
