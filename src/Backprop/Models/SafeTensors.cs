using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Backprop.Models;

/// <summary>A tensor to be written.</summary>
public abstract class NamedTensor
{
    private NamedTensor(string name, string type, IReadOnlyList<int> shape, long length)
    {
        (Name, Type, Shape, Length) = (name, type, shape, length);
        if (shape.Any(size => size < 0) || shape.Aggregate(1L, (product, size) => checked(product * size)) != length)
        {
            throw new ArgumentException($"{length} numbers do not make a tensor {SafeTensorsHeader.Quote(name)} of shape [{string.Join(", ", shape)}]. "
                + "Give as many as it has.");
        }
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    internal string Type { get; }

    internal IReadOnlyList<int> Shape { get; }

    internal long Length { get; }

    internal long Bytes => Length * SafeTensor.BytesOf(Type);

    /// <summary>Names numbers, which are not copied.</summary>
    /// <param name="name">The name.</param>
    /// <param name="shape">Its sizes, the slowest first; none for a single number.</param>
    /// <param name="values">The numbers, row-major: float, double, long or byte.</param>
    /// <exception cref="ArgumentException">There are not as many numbers as the shape says.</exception>
    /// <exception cref="NotSupportedException">They are of another type.</exception>
    public static NamedTensor Of<T>(string name, IReadOnlyList<int> shape, ReadOnlyMemory<T> values) where T : unmanaged
        => new Bound<T>(name, shape, values);

    internal abstract void Write(Stream stream);

    private sealed class Bound<T>(string name, IReadOnlyList<int> shape, ReadOnlyMemory<T> values)
        : NamedTensor(name, SafeTensor.TypeOf<T>(), shape, values.Length)
        where T : unmanaged
    {
        internal override void Write(Stream stream)
        {
            // In pieces, as more than 2³¹ bytes are no span.
            for (var i = 0; i < values.Length; i += SafeTensors.Piece)
            {
                stream.Write(MemoryMarshal.AsBytes(values.Span[i..Math.Min(i + SafeTensors.Piece, values.Length)]));
            }
        }
    }
}

/// <summary>Writes named tensors in the safetensors format: 8 bytes of the header's length, a header of JSON, the numbers, little-endian.</summary>
/// <remarks>
/// Larger types come first and the header is filled up with spaces to a multiple of 8, so that all numbers are aligned, as the
/// reference implementation does. <see cref="SafeTensorsFile"/> reads.
/// </remarks>
public static class SafeTensors
{
    /// <summary>The most bytes a header may have, as in the reference implementation.</summary>
    public const int MostHeaderBytes = 100_000_000;

    internal const string MetadataName = "__metadata__";

    internal const int Piece = 1 << 20;

    private const int Alignment = 8;

    /// <summary>Writes a file, which appears whole or not at all.</summary>
    /// <exception cref="ArgumentException">A name is there twice, or is no name.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
        => AtomicFile.Write(path, stream => Write(stream, tensors, metadata));

    /// <summary>Writes to a stream.</summary>
    /// <exception cref="ArgumentException">A name is there twice, or is no name.</exception>
    public static void Write(Stream stream, IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var names = new HashSet<string>();
        foreach (var tensor in tensors)
        {
            if (tensor.Name == MetadataName || !IsText(tensor.Name) || !names.Add(tensor.Name))
            {
                throw new ArgumentException($"The tensor name {SafeTensorsHeader.Quote(tensor.Name)} is there twice, is no text, or is the format's own. "
                    + "Choose another.");
            }
        }

        NamedTensor[] ordered = [.. tensors.OrderByDescending(t => SafeTensor.BytesOf(t.Type))];
        var header = Header(ordered, metadata);
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var tensor in ordered)
        {
            tensor.Write(stream);
        }
    }

    private static byte[] Header(IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            if (metadata is not null)
            {
                writer.WriteStartObject(MetadataName);
                foreach (var (key, value) in metadata)
                {
                    writer.WriteString(key, value);
                }

                writer.WriteEndObject();
            }

            var offset = 0L;
            foreach (var tensor in tensors)
            {
                writer.WriteStartObject(tensor.Name);
                writer.WriteString("dtype", tensor.Type);
                WriteNumbers(writer, "shape", tensor.Shape.Select(size => (long)size));
                WriteNumbers(writer, "data_offsets", [offset, offset += tensor.Bytes]);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        while (json.Length % Alignment != 0)
        {
            json.WriteByte((byte)' ');
        }

        return json.Length <= MostHeaderBytes
            ? json.ToArray()
            : throw new ArgumentException($"The header would have {json.Length} bytes, more than {MostHeaderBytes}. Write fewer tensors, or less metadata.");
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string name, IEnumerable<long> numbers)
    {
        writer.WriteStartArray(name);
        foreach (var number in numbers)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }

    /// <summary>Whether it has a form in UTF-8: no half of a pair of surrogates.</summary>
    private static bool IsText(string name) => name.EnumerateRunes().All(rune => rune.Value != 0xFFFD) || name.Contains('\uFFFD');
}
