using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Backprop.Formulas;
using Backprop.Models.Layers;

namespace Backprop.Models;

/// <summary>A network's description as JSON: its layers in order, each with the positions of its inputs, then its heads.</summary>
internal static class ModelJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new ActivationConverter() },
    };

    /// <summary>The description.</summary>
    /// <exception cref="NotSupportedException">An operation or an activation is not known by a name, so that nobody could read it.</exception>
    public static string Write(Model model) => Describe(model, WriteLayer, head => head.ToText());

    /// <summary>The same for nobody to read: what tells this network from others, as far as its layers show it.</summary>
    public static string Identify(Model model) => Describe(model, NameLayer, head => head.ToString());

    private static string Describe(Model model, Func<Layer, JsonObject> layerOf, Func<Head, string> textOf)
    {
        var position = new Dictionary<Signal, int>();
        var layers = new JsonArray();
        var firstUse = new Dictionary<Layer, int>();
        foreach (var signal in model.Signals)
        {
            position.Add(signal, position.Count);
            if (signal.Layer is null)
            {
                continue;
            }

            var entry = firstUse.TryGetValue(signal.Layer, out var use)
                ? new JsonObject { ["same"] = use }
                : layerOf(signal.Layer);
            firstUse.TryAdd(signal.Layer, position[signal]);
            entry["of"] = new JsonArray([.. signal.Inputs.Select(input => JsonValue.Create(position[input]))]);
            layers.Add(entry);
        }

        var heads = model.HeadOutputs.Select(output => new JsonObject
        {
            ["head"] = textOf(output.Head),
            ["of"] = position[output.Logits],
            ["weight"] = output.LossWeight,
        });
        return new JsonObject { ["features"] = model.Inputs, ["layers"] = layers, ["heads"] = new JsonArray([.. heads]) }.ToJsonString();
    }

    /// <summary>The network that <see cref="Write"/> described.</summary>
    /// <exception cref="FormatException">The text is no such description; the message says where it is not.</exception>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    public static Model Read(string text)
    {
        try
        {
            var json = JsonNode.Parse(text)!;
            var signals = new List<Signal> { Signal.Features(json["features"]!.GetValue<int>()) };
            Signal At(JsonNode? index) => index!.GetValue<int>() is var i && i >= 0 && i < signals.Count
                ? signals[i]
                : throw new FormatException($"Layer {signals.Count} takes the result of layer {i}, which does not come before it.");
            foreach (var entry in json["layers"]!.AsArray().Select(node => node!.AsObject()))
            {
                Signal[] inputs = [.. entry["of"]!.AsArray().Select(At)];
                entry.Remove("of");
                var layer = entry["same"] is { } same ? At(same).Layer : entry.Deserialize<Layer>(Options);
                signals.Add(Signal.Of(layer ?? throw new FormatException($"Layer {signals.Count} is none."), inputs));
            }

            return Model.Of([.. json["heads"]!.AsArray().Select(head => new Output(
                At(head!["of"]), Head.Parse(head["head"]!.GetValue<string>()), head["weight"]!.GetValue<double>()))]);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or NullReferenceException or NotSupportedException)
        {
            throw new FormatException($"the description of its layers is not one: {exception.Message}", exception);
        }
    }

    private static JsonObject WriteLayer(Layer layer)
    {
        if (layer is Activate { Function: { IsKnown: false } function })
        {
            throw new NotSupportedException($"The activation {function} is not known by its name and cannot be saved. Call Activation.Register with it first.");
        }

        return layer is Custom || layer.GetType().Assembly != typeof(Layer).Assembly
            ? throw new NotSupportedException($"The layer {layer} is your own and cannot be saved. "
                + "Save the network's weights, and build the network again to load them.")
            : JsonSerializer.SerializeToNode(layer, Options)!.AsObject();
    }

    private static JsonObject NameLayer(Layer layer) => layer is Custom || layer.GetType().Assembly != typeof(Layer).Assembly
        ? new JsonObject { ["type"] = ((layer as Custom)?.Operation.GetType() ?? layer.GetType()).FullName, ["shown"] = $"{layer}" }
        : JsonSerializer.SerializeToNode(layer, Options)!.AsObject();

    private sealed class ActivationConverter : JsonConverter<Activation>
    {
        public override Activation Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => Activation.Parse(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, Activation value, JsonSerializerOptions options)
            => writer.WriteStringValue(value.Name);
    }
}
