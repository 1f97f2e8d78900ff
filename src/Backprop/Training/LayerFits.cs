using System.Numerics;
using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Training;

/// <summary>A network whose layers are fitted to rows, and the numbers read off them.</summary>
/// <param name="model">The network as it was described.</param>
/// <param name="sample">The rows.</param>
internal sealed class LayerFits<T>(Model model, FeatureSample<T> sample) where T : unmanaged, IFloatingPointIeee754<T>
{
    private static readonly T Largest = T.BitDecrement(T.PositiveInfinity);
    private readonly Dictionary<Signal, Signal> signals = new() { [model.Signals[0]] = model.Signals[0] };
    private readonly Dictionary<Layer, Layer> layers = [];
    private readonly Dictionary<Layer, IReadOnlyDictionary<string, IReadOnlyList<double>>> tensors = [];

    /// <summary>Whether a network has a layer to fit.</summary>
    public static bool AreNeeded(Model model) => model.NamedLayers.Any(layer => layer.First.Layer is IFitted);

    /// <summary>Fits every layer that wants it, each to what those before it make of the rows.</summary>
    /// <exception cref="ArgumentException">A layer that learns stands before one, or one gives numbers that are not for its tensors.</exception>
    public Model Fit()
    {
        foreach (var signal in model.Signals.Skip(1))
        {
            Signal[] inputs = [.. signal.Inputs.Select(input => signals[input])];
            if (!layers.TryGetValue(signal.Layer!, out var layer))
            {
                layers[signal.Layer!] = layer = FittedOf(signal.Layer!, inputs);
            }

            signals[signal] = layer == signal.Layer && inputs.SequenceEqual(signal.Inputs) ? signal : Signal.Of(layer, inputs);
        }

        return Model.Of([.. model.HeadOutputs.Select(output => output with { Logits = signals[output.Logits] })]);
    }

    /// <summary>Writes the numbers that were read off the rows over those that were drawn.</summary>
    public void WriteTo(Weights<T> weights)
    {
        foreach (var (name, first) in weights.Model.NamedLayers)
        {
            foreach (var (tensor, numbers) in tensors.GetValueOrDefault(first.Layer!) ?? new Dictionary<string, IReadOnlyList<double>>())
            {
                var target = weights[$"{name}.{tensor}"];
                if (numbers.Count != target.Length || numbers.Any(double.IsNaN))
                {
                    throw new ArgumentException($"The layer {first.Layer} was fitted with {numbers.Count} numbers for {tensor}, which has {target.Length}, "
                        + "or one is NaN. Mend its Fit.");
                }

                for (var i = 0; i < target.Length; i++)
                {
                    target[i] = T.Clamp(T.CreateTruncating(numbers[i]), -Largest, Largest);
                }
            }
        }
    }

    private Layer FittedOf(Layer layer, Signal[] inputs)
    {
        if (layer is not IFitted fitted)
        {
            return layer;
        }

        var fit = fitted.Fit(inputs is [var only]
            ? InputOf(layer, only)
            : throw new ArgumentException($"The layer {layer} is fitted to rows, but takes {inputs.Length} inputs. Join them first, by a concatenation."));
        tensors[fit.Layer] = fit.Tensors;
        return fit.Layer;
    }

    /// <summary>What the layers so far make of the rows: scores of a network of them.</summary>
    private LayerInput InputOf(Layer layer, Signal signal)
    {
        if (signal.Layer is null)
        {
            return sample.ToInput();
        }

        var before = Model.Of(signal, Head.Regression);
        if (before.LayerTensors.FirstOrDefault(tensor => tensor.Learned) is { } learned)
        {
            throw new ArgumentException($"The layer {layer} is fitted to rows before training, but stands behind {learned.Name}, which is learned. "
                + "Put it before that layer.");
        }

        var (weights, width) = (new Weights<T>(before), signal.Width);
        WriteTo(weights);
        var values = new T[(long)sample.Rows * width];
        new Network<T>(weights).Score(sample.Gather(), values);
        return new(sample.Rows, width, (row, column) => double.CreateTruncating(values[(long)row * width + column]));
    }
}
