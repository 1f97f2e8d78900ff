using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Backprop.Comparisons.Onnx;

/// <summary>Writes the part of ONNX's file format that chains of operators take. Field numbers: onnx.proto3 of ONNX 1.16.</summary>
internal sealed class OnnxGraph
{
    /// <summary>The version of the file format; version 8 is that of ONNX 1.10 to 1.12, which every current runtime reads.</summary>
    private const int FormatVersion = 8;

    /// <summary>The version of the operators, of ONNX 1.10.</summary>
    private const int OperatorVersion = 15;

    private const int FloatType = 1;
    private const int DoubleType = 11;
    private const int IntegerAttribute = 2;

    private readonly List<ByteString> nodes = [];
    private readonly List<ByteString> initializers = [];
    private readonly List<ByteString> inputs = [];
    private readonly List<ByteString> outputs = [];

    /// <summary>Declares a matrix given at run time, with a named number of rows.</summary>
    public void AddInput<T>(string name, string rows, int columns) where T : unmanaged, IFloatingPointIeee754<T>
        => inputs.Add(Value<T>(name, rows, columns));

    /// <summary>Declares a matrix that the graph gives.</summary>
    public void AddOutput<T>(string name, string rows, int columns) where T : unmanaged, IFloatingPointIeee754<T>
        => outputs.Add(Value<T>(name, rows, columns));

    /// <summary>Adds a constant tensor, row-major.</summary>
    public void AddConstant<T>(string name, ReadOnlySpan<T> values, params ReadOnlySpan<int> shape) where T : unmanaged, IFloatingPointIeee754<T>
    {
        // The format is little-endian, as is every machine that .NET runs on today.
        var (data, dimensions) = (ByteString.CopyFrom(MemoryMarshal.AsBytes(values)), shape.ToArray());
        initializers.Add(Message(tensor =>
        {
            foreach (var dimension in dimensions)
            {
                Whole(tensor, 1, dimension);
            }

            Whole(tensor, 2, TypeOf<T>());
            Text(tensor, 8, name);
            Bytes(tensor, 9, data);
        }));
    }

    /// <summary>Adds an operator.</summary>
    /// <param name="type">Its name in ONNX.</param>
    /// <param name="inputs">Names of values.</param>
    /// <param name="output">The name of its value.</param>
    /// <param name="attributes">Whole-numbered attributes.</param>
    public void AddNode(string type, IEnumerable<string> inputs, string output, params IEnumerable<(string Name, int Value)> attributes)
        => nodes.Add(Message(node =>
        {
            foreach (var input in inputs)
            {
                Text(node, 1, input);
            }

            Text(node, 2, output);
            Text(node, 3, output);
            Text(node, 4, type);
            foreach (var (name, value) in attributes)
            {
                Bytes(node, 5, Message(attribute =>
                {
                    Text(attribute, 1, name);
                    Whole(attribute, 3, value);
                    Whole(attribute, 20, IntegerAttribute);
                }));
            }
        }));

    /// <summary>The finished file.</summary>
    /// <param name="name">The graph's name.</param>
    public byte[] ToModel(string name) => Message(model =>
    {
        Whole(model, 1, FormatVersion);
        Text(model, 2, nameof(Backprop));
        Bytes(model, 7, Message(graph =>
        {
            nodes.ForEach(node => Bytes(graph, 1, node));
            Text(graph, 2, name);
            initializers.ForEach(tensor => Bytes(graph, 5, tensor));
            inputs.ForEach(value => Bytes(graph, 11, value));
            outputs.ForEach(value => Bytes(graph, 12, value));
        }));
        Bytes(model, 8, Message(operators =>
        {
            Text(operators, 1, "");
            Whole(operators, 2, OperatorVersion);
        }));
    }).ToByteArray();

    private static ByteString Value<T>(string name, string rows, int columns) => Message(value =>
    {
        Text(value, 1, name);
        Bytes(value, 2, Message(type => Bytes(type, 1, Message(tensor =>
        {
            Whole(tensor, 1, TypeOf<T>());
            Bytes(tensor, 2, Message(shape =>
            {
                Bytes(shape, 1, Message(dimension => Text(dimension, 2, rows)));
                Bytes(shape, 1, Message(dimension => Whole(dimension, 1, columns)));
            }));
        }))));
    });

    private static int TypeOf<T>() => Unsafe.SizeOf<T>() == sizeof(double) ? DoubleType : FloatType;

    private static ByteString Message(Action<CodedOutputStream> fill)
    {
        using var stream = new MemoryStream();
        using (var coded = new CodedOutputStream(stream, leaveOpen: true))
        {
            fill(coded);
        }

        return UnsafeByteOperations.UnsafeWrap(stream.GetBuffer().AsMemory(0, (int)stream.Length));
    }

    private static void Whole(CodedOutputStream message, int field, long value)
    {
        message.WriteTag(field, WireFormat.WireType.Varint);
        message.WriteInt64(value);
    }

    private static void Text(CodedOutputStream message, int field, string value)
    {
        message.WriteTag(field, WireFormat.WireType.LengthDelimited);
        message.WriteString(value);
    }

    private static void Bytes(CodedOutputStream message, int field, ByteString value)
    {
        message.WriteTag(field, WireFormat.WireType.LengthDelimited);
        message.WriteBytes(value);
    }
}
