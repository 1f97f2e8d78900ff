using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Backprop.Formulas;
using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>Each unit is the largest of several weighted sums: a learned convex activation. Goodfellow et al. (2013).</summary>
/// <remarks>
/// The weights are those of one linear layer with pieces · units outputs, piece after piece, as in
/// <c>linear(x).view(-1, pieces, units).max(1)</c>; where sums are equal the first takes the whole gradient, as there.
/// </remarks>
/// <param name="units">Columns of the result.</param>
/// <param name="pieces">Sums of a unit, 2 or more.</param>
public sealed class Maxout(int units, int pieces) : Layer
{
    private readonly int outputs = Model.CheckUnits(Math.BigMul(units, pieces), "A Maxout layer");

    /// <summary>Columns of the result.</summary>
    public int Units { get; } = Model.CheckUnits(units, "A Maxout layer");

    /// <summary>Sums of a unit.</summary>
    public int Pieces { get; } = pieces >= 2 ? pieces : throw new ArgumentException($"A Maxout layer of {pieces} pieces chooses nothing. Give 2 or more.");

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
    public override IReadOnlyList<LayerTensor> TensorsOf(IReadOnlyList<int> inputs) => Linear.Tensors(inputs[0], outputs, InitialWeights, InitialBiases);

    /// <inheritdoc/>
    public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode)
    {
        var sums = inputs[0].Times(tensors[0]).AddRow(tensors[1]);
        return Enumerable.Range(0, Pieces).Select(piece => sums.Columns(piece * Units, Units)).Aggregate((a, b) => Node.Map(new Larger(), a, b));
    }

    /// <inheritdoc/>
    public override string ToString() => $"maxout {Units} of {Pieces}";

    /// <summary>The larger of a and b; of equals a, whose gradient it then has; NaN where one is.</summary>
    private readonly record struct Larger : IFormula
    {
        public static int Inputs => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.IfPositive(b - a, b, TX.IfPositive(a - b, a, a + (b - b)));
    }
}
