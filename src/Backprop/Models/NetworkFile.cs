using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Backprop.Models;

/// <content>Saving and loading: a magic word, the payload's length and SHA-256, then the payload, so that any damage is noticed.</content>
public sealed partial class Network<T>
{
    private const int ChunkBytes = 1 << 20;
    private static readonly byte[] Magic = "backprop network 2"u8.ToArray();

    /// <summary>Writes the network.</summary>
    /// <exception cref="NotSupportedException">A layer, an activation or a loss is not known by its name, so that nobody could load it.</exception>
    public void Save(BinaryWriter writer)
    {
        using var payload = new MemoryStream();
        using (var inner = new BinaryWriter(payload, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            inner.Write(Unsafe.SizeOf<T>());
            inner.Write(ModelJson.Write(Model));
            inner.Write(MemoryMarshal.AsBytes(scale.AsSpan()));
            inner.Write(MemoryMarshal.AsBytes(shift.AsSpan()));
            inner.Write(MemoryMarshal.AsBytes(CopyWeights().Values));
        }

        var bytes = payload.GetBuffer().AsSpan(0, (int)payload.Length);
        writer.Write(Magic);
        writer.Write(bytes.Length);
        writer.Write(SHA256.HashData(bytes));
        writer.Write(bytes);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a whole network, or one of the other precision.</exception>
    public static Network<T> Load(BinaryReader reader)
    {
        try
        {
            var magic = reader.ReadBytes(Magic.Length).AsSpan();
            if (!magic.SequenceEqual(Magic))
            {
                throw new InvalidDataException(magic.Length == Magic.Length && magic[..^1].SequenceEqual(Magic.AsSpan(..^1))
                    ? "The network was saved by another version of this library, in another layout. Load it there, or train it again."
                    : "The bytes do not begin as a saved network does. Give a model that this library saved.");
            }

            var (length, hash) = (reader.ReadInt32(), reader.ReadBytes(SHA256.HashSizeInBytes));
            using var payload = ReadChunks(reader, length);
            payload.Position = 0;
            if (!SHA256.HashData(payload).AsSpan().SequenceEqual(hash))
            {
                throw new InvalidDataException("The saved network does not match its hash. The file is damaged; save the model again.");
            }

            payload.Position = 0;
            return Parse(new(payload));
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or FormatException)
        {
            throw new InvalidDataException($"The saved network cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads in pieces, so that a false length is noticed at the end of the data and not by a huge allocation.</summary>
    private static MemoryStream ReadChunks(BinaryReader reader, int length)
    {
        var payload = new MemoryStream();
        while (payload.Length < length)
        {
            var chunk = reader.ReadBytes((int)Math.Min(ChunkBytes, length - payload.Length));
            payload.Write(chunk.Length > 0 ? chunk : throw new EndOfStreamException($"it ends after {payload.Length} of {length} bytes."));
        }

        return payload;
    }

    private static Network<T> Parse(BinaryReader reader)
    {
        var size = reader.ReadInt32();
        if (size != Unsafe.SizeOf<T>())
        {
            throw new InvalidDataException($"The saved network has numbers of {size} bytes, not {Unsafe.SizeOf<T>()}. "
                + "Load it as the precision it was saved in.");
        }

        var model = ModelJson.Read(reader.ReadString());
        // Before anything as large as a description says is allocated.
        var numbers = model.LayerTensors.Sum(tensor => (long)tensor.Rows * tensor.Columns) + 2L * model.Outputs;
        if (numbers * size != reader.BaseStream.Length - reader.BaseStream.Position)
        {
            throw new InvalidDataException(
                $"The saved network {model} has {reader.BaseStream.Length - reader.BaseStream.Position} bytes of numbers, not the {numbers * size} it needs. "
                    + "Save the model again.");
        }

        var weights = new Weights<T>(model);
        var (scale, shift) = (new T[model.Outputs], new T[model.Outputs]);
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(scale.AsSpan()));
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(shift.AsSpan()));
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(weights.Values));
        return new(weights, scale, shift);
    }
}
