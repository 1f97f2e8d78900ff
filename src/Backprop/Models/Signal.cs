using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Models.Layers;

namespace Backprop.Models;

/// <summary>A value in a network: a row of numbers for each example. Networks are written by passing signals through layers.</summary>
/// <remarks>
/// <c>Signal.Features(64).Linear(128).Apply(new Relu()).Linear(10)</c> is a multilayer perceptron; <c>h + h.Linear(128)</c> has a
/// residual connection. A signal never changes, and can go to several layers. A layer's name begins those of its parameters, as in
/// <c>encoder.weight</c>; without one it is the layer's position.
/// </remarks>
public sealed class Signal
{
    private Signal(Layer? layer, IReadOnlyList<Signal> inputs, int columns) => (Layer, Inputs, Width) = (layer, inputs, columns);

    /// <summary>The layer it comes from; null for features.</summary>
    public Layer? Layer { get; }

    /// <summary>What the layer is given.</summary>
    public IReadOnlyList<Signal> Inputs { get; }

    /// <summary>Numbers for each example.</summary>
    public int Width { get; }

    /// <summary>The features of a table: where a network begins.</summary>
    /// <exception cref="ArgumentException">The number is outside 1 to <see cref="Model.MaxUnits"/>.</exception>
    public static Signal Features(int columns) => new(null, [], Model.CheckUnits(columns, "The table"));

    /// <summary>The result of a layer, from this assembly or another, for one or more inputs.</summary>
    /// <exception cref="ArgumentException">The inputs do not fit the layer.</exception>
    public static Signal Of(Layer layer, params IReadOnlyList<Signal> inputs)
        => new(layer, [.. inputs], layer.ColumnsOf([.. inputs.Select(input => input.Width)]));

    /// <summary>The result of a layer for this input.</summary>
    /// <exception cref="ArgumentException">The input does not fit the layer.</exception>
    public Signal Through(Layer layer) => Of(layer, this);

    /// <inheritdoc cref="Layers.Linear"/>
    public Signal Linear(int units, string? name = null) => Through(new Linear(units) { Name = name });

    /// <inheritdoc cref="Activate"/>
    public Signal Apply(Activation function) => Through(new Activate(function));

    /// <inheritdoc cref="Activate"/>
    public Signal Apply<TF>(TF function) where TF : struct, IActivation => Apply(Activation.Of(function));

    /// <inheritdoc cref="Custom"/>
    public Signal Apply(CustomOp operation) => Through(new Custom(operation));

    /// <inheritdoc cref="Layers.PRelu"/>
    public Signal PRelu(string? name = null) => Through(new PRelu { Name = name });

    /// <inheritdoc cref="Layers.Maxout"/>
    public Signal Maxout(int units, int pieces, string? name = null) => Through(new Maxout(units, pieces) { Name = name });

    /// <inheritdoc cref="Layers.RadialBasis"/>
    public Signal RadialBasis(int units, double sigma = 1, string? name = null) => Through(new RadialBasis(units, sigma) { Name = name });

    /// <inheritdoc cref="Layers.Dropout"/>
    public Signal Dropout(double probability = 0.5) => Through(new Dropout(probability));

    /// <inheritdoc cref="Layers.LayerNorm"/>
    public Signal LayerNorm(string? name = null) => Through(new LayerNorm { Name = name });

    /// <inheritdoc cref="Layers.BatchNorm"/>
    public Signal BatchNorm(string? name = null) => Through(new BatchNorm { Name = name });

    /// <inheritdoc cref="Layers.Scale"/>
    public Signal Scale(string? name = null) => Through(new Scale { Name = name });

    /// <inheritdoc cref="Layers.RobustScale"/>
    public Signal RobustScale(double bound = 3, string? name = null) => Through(new RobustScale(bound) { Name = name });

    /// <inheritdoc cref="Layers.PiecewiseLinearEncoding"/>
    public Signal PiecewiseLinearEncoding(int bins = 48, string? name = null) => Through(new PiecewiseLinearEncoding(bins) { Name = name });

    /// <inheritdoc cref="Layers.Embedding"/>
    public Signal Embedding(int categories, int units, string? name = null) => Through(new Embedding(categories, units) { Name = name });

    /// <inheritdoc cref="Layers.Columns"/>
    public Signal Columns(int first, int count) => Through(new Columns(first, count));

    /// <inheritdoc cref="Concatenation"/>
    public static Signal Concatenate(params IReadOnlyList<Signal> signals) => Of(new Concatenation(), signals);

    /// <summary>The mean of the logits of members of one network, each of which is trained by its own loss: TabM-mini, Gorishniy et al. (2025).</summary>
    /// <remarks>
    /// Each member multiplies the signal by an adapter of its own, a <see cref="Layers.Scale"/> that begins with <see cref="RandomSigns"/>,
    /// and has a linear layer of its own at the end. All share the layers between, so that members cost time but hardly weights, and learn from each other.
    /// </remarks>
    /// <param name="members">How many there are, from 1 on.</param>
    /// <param name="shared">The layers between, called once.</param>
    /// <param name="outputs">Logits.</param>
    /// <param name="name">Begins the names of adapters and last layers, as in <c>name.adapter1</c>; null for <c>adapter1</c> and <c>output1</c>.</param>
    public Signal SharedMembers(int members, Func<Signal, Signal> shared, int outputs, string? name = null)
    {
        if (members < 1)
        {
            throw new ArgumentException($"{members} members have no mean. Give 1 at least.");
        }

        var prefix = name is null ? "" : $"{name}.";
        Signal Adapted(int member) => Through(new Scale { Name = $"{prefix}adapter{member}", InitialWeights = new RandomSigns() });
        var begin = Adapted(1);
        var end = shared(begin);
        return Of(new MemberMean(), [.. Enumerable.Range(1, members).Select(member
            => (member == 1 ? end : end.Again(begin, Adapted(member))).Linear(outputs, $"{prefix}output{member}"))]);
    }

    /// <inheritdoc cref="Sum"/>
    public static Signal operator +(Signal a, Signal b) => Of(new Sum(), a, b);

    /// <inheritdoc cref="Product"/>
    public static Signal operator *(Signal a, Signal b) => Of(new Product(), a, b);

    /// <summary>This signal, of the same layers, where another stands in for one that it is made of.</summary>
    private Signal Again(Signal one, Signal other)
    {
        var known = new Dictionary<Signal, Signal> { [one] = other };
        foreach (var signal in Model.Order([this]))
        {
            if (!known.ContainsKey(signal))
            {
                Signal[] inputs = [.. signal.Inputs.Select(input => known[input])];
                known[signal] = inputs.SequenceEqual(signal.Inputs) ? signal : Of(signal.Layer!, inputs);
            }
        }

        return known[this];
    }
}
