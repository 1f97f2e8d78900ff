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

    /// <inheritdoc cref="Sum"/>
    public static Signal operator +(Signal a, Signal b) => Of(new Sum(), a, b);

    /// <inheritdoc cref="Product"/>
    public static Signal operator *(Signal a, Signal b) => Of(new Product(), a, b);
}
