using Backprop.Models;
using Backprop.Models.Layers;
using static TorchSharp.torch;

namespace Backprop.Torch;

/// <summary>A network of any layers as a PyTorch module: logits of all heads side by side.</summary>
internal sealed class TorchNetwork : nn.Module<Tensor, Tensor>
{
    private readonly Model model;
    private readonly Dictionary<Layer, nn.Module<Tensor, Tensor>> twins = [];

    private TorchNetwork(Model model, ScalarType type) : base(nameof(TorchNetwork))
    {
        this.model = model;
        var scopes = new Dictionary<string, nn.Module> { [""] = this };
        foreach (var (name, signal) in model.NamedLayers)
        {
            if (LayerTwins.Of(signal.Layer!, signal.Inputs[0].Width, type) is { } module)
            {
                twins.Add(signal.Layer!, module);
                var dot = name.LastIndexOf('.');
                ScopeOf(name[..Math.Max(dot, 0)]).register_module(name[(dot + 1)..], module);
            }
        }

        // The module whose children's names begin so: PyTorch joins names by dots, and none has one itself.
        nn.Module ScopeOf(string name)
        {
            if (!scopes.TryGetValue(name, out var scope))
            {
                var dot = name.LastIndexOf('.');
                scopes.Add(name, scope = new Scope());
                ScopeOf(name[..Math.Max(dot, 0)]).register_module(name[(dot + 1)..], scope);
            }

            return scope;
        }
    }

    /// <summary>PyTorch's <c>nn.Sequential</c> where the layers are a chain, as its users write it; else a module of our own.</summary>
    public static nn.Module<Tensor, Tensor> Of(Model model, ScalarType type)
    {
        var layers = model.NamedLayers.Select(pair => pair.First).ToList();
        var chain = model.HeadOutputs.Count == 1 && layers.All(signal => signal is { Inputs.Count: 1, Layer.Name: null })
            && layers.Count == model.Signals.Count - 1 && layers.Skip(1).Zip(layers).All(pair => pair.First.Inputs[0] == pair.Second);
        return chain
            ? nn.Sequential(layers.Select(signal => LayerTwins.Of(signal.Layer!, signal.Inputs[0].Width, type)!))
            : new TorchNetwork(model, type);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => Logits(Values(input));

    /// <summary>The logits of all heads side by side.</summary>
    public Tensor Logits(IReadOnlyDictionary<Signal, Tensor> values)
        => model.HeadOutputs.Count == 1 ? values[model.HeadOutputs[0].Logits] : cat([.. model.HeadOutputs.Select(output => values[output.Logits])], 1);

    /// <summary>Every layer's result.</summary>
    public IReadOnlyDictionary<Signal, Tensor> Values(Tensor input)
    {
        var values = new Dictionary<Signal, Tensor>();
        foreach (var signal in model.Signals)
        {
            var inputs = signal.Inputs.Select(of => values[of]).ToArray();
            values[signal] = signal.Layer is null ? input
                : twins.TryGetValue(signal.Layer, out var module) ? module.call(inputs[0])
                : LayerTwins.Join(signal.Layer, inputs);
        }

        return values;
    }

    /// <summary>Nothing but a part of names.</summary>
    private sealed class Scope() : nn.Module(nameof(Scope));
}
