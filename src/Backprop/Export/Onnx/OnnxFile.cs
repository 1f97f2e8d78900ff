using System.Runtime.InteropServices;

namespace Backprop.Export;

/// <summary>An ONNX model as it is saved. Field numbers: onnx.proto3 of ONNX 1.16.</summary>
/// <param name="reserved">The names of inputs and outputs.</param>
internal sealed class OnnxFile(params IReadOnlyList<string> reserved) : IOnnxGraph
{
    /// <summary>The version of the file format; version 8 is that of ONNX 1.10 to 1.12, which every current runtime reads.</summary>
    private const int FormatVersion = 8;

    /// <summary>The version of the operators, of ONNX 1.10.</summary>
    private const int OperatorVersion = 15;

    /// <summary>The most a message of protocol buffers may have.</summary>
    private const long MostBytes = int.MaxValue;

    private const int IntegerAttribute = 2;
    private const int IntegersAttribute = 7;

    private readonly List<Operator> nodes = [];
    private readonly List<ProtoMessage> tensors = [];
    private readonly List<ProtoMessage> inputs = [];
    private readonly List<ProtoMessage> outputs = [];
    private readonly HashSet<string> names = [.. reserved];

    /// <summary>Declares a matrix given at run time.</summary>
    public void AddInput<T>(string name, int columns) where T : unmanaged => inputs.Add(Batch<T>(name, columns));

    /// <summary>Declares a matrix that the graph gives, and calls it so.</summary>
    public void AddOutput<T>(string value, string name, int columns) where T : unmanaged
    {
        if (!nodes.Any(node => node.Output == value))
        {
            value = AddNode("Identity", [value], []);
        }

        for (var i = 0; i < nodes.Count; i++)
        {
            nodes[i] = nodes[i].Renamed(value, name);
        }

        outputs.Add(Batch<T>(name, columns));
    }

    /// <inheritdoc/>
    public string AddNode(string type, IReadOnlyList<string> inputs, IReadOnlyList<OnnxAttribute> attributes)
    {
        var output = Free($"{type.ToLowerInvariant()}_{nodes.Count}");
        nodes.Add(new(type, inputs, output, attributes));
        return output;
    }

    /// <inheritdoc/>
    public string AddTensor<TValue>(string name, ReadOnlySpan<TValue> values, params IReadOnlyList<long> sizes) where TValue : unmanaged
    {
        name = Free(name);
        var tensor = new ProtoMessage();
        foreach (var size in sizes)
        {
            tensor.Whole(1, size);
        }

        // The format is little-endian, as is every machine that .NET runs on today.
        tensors.Add(tensor.Whole(2, TypeOf<TValue>()).Text(8, name).Bytes(9, MemoryMarshal.AsBytes(values).ToArray()));
        return name;
    }

    /// <summary>The finished file.</summary>
    /// <param name="name">The graph's name.</param>
    /// <exception cref="NotSupportedException">It would be larger than the format allows.</exception>
    public ProtoMessage ToModel(string name)
    {
        var graph = new ProtoMessage();
        nodes.ForEach(node => graph.Message(1, node.ToMessage()));
        graph.Text(2, name);
        tensors.ForEach(tensor => graph.Message(5, tensor));
        inputs.ForEach(value => graph.Message(11, value));
        outputs.ForEach(value => graph.Message(12, value));
        var model = new ProtoMessage()
            .Whole(1, FormatVersion)
            .Text(2, nameof(Backprop))
            .Text(3, $"{typeof(OnnxFile).Assembly.GetName().Version}")
            .Message(7, graph)
            .Message(8, new ProtoMessage().Text(1, "").Whole(2, OperatorVersion));
        return model.Length <= MostBytes
            ? model
            : throw new NotSupportedException($"The ONNX model of the network {name} would have {model.Length} bytes, more than {MostBytes}. "
                + "Save the network in another form, such as safetensors.");
    }

    private string Free(string name)
    {
        var free = name;
        for (var i = 2; !names.Add(free); i++)
        {
            free = $"{name}_{i}";
        }

        return free;
    }

    private static ProtoMessage Batch<T>(string name, int columns)
    {
        var shape = new ProtoMessage()
            .Message(1, new ProtoMessage().Text(2, OnnxOptions.RowsDimension))
            .Message(1, new ProtoMessage().Whole(1, columns));
        var tensor = new ProtoMessage().Whole(1, TypeOf<T>()).Message(2, shape);
        return new ProtoMessage().Text(1, name).Message(2, new ProtoMessage().Message(1, tensor));
    }

    private static int TypeOf<TValue>() => typeof(TValue) == typeof(float) ? 1 : typeof(TValue) == typeof(long) ? 7 : 11;

    private sealed record Operator(string Type, IReadOnlyList<string> Inputs, string Output, IReadOnlyList<OnnxAttribute> Attributes)
    {
        public Operator Renamed(string from, string to)
            => this with { Inputs = [.. Inputs.Select(input => input == from ? to : input)], Output = Output == from ? to : Output };

        public ProtoMessage ToMessage()
        {
            var node = new ProtoMessage();
            foreach (var input in Inputs)
            {
                node.Text(1, input);
            }

            node.Text(2, Output).Text(3, Output).Text(4, Type);
            foreach (var attribute in Attributes)
            {
                node.Message(5, MessageOf(attribute));
            }

            return node;
        }

        private static ProtoMessage MessageOf(OnnxAttribute attribute)
        {
            var message = new ProtoMessage().Text(1, attribute.Name);
            foreach (var value in attribute.Values)
            {
                message.Whole(attribute.IsList ? 8 : 3, value);
            }

            return message.Whole(20, attribute.IsList ? IntegersAttribute : IntegerAttribute);
        }
    }
}
