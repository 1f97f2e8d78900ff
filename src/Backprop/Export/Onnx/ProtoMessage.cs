using System.Text;

namespace Backprop.Export;

/// <summary>A message of protocol buffers: what ONNX takes of the format. Its large parts are written from where they lie.</summary>
/// <remarks>Source: protobuf.dev/programming-guides/encoding.</remarks>
internal sealed class ProtoMessage
{
    private const int Varint = 0;
    private const int LengthDelimited = 2;

    private readonly List<ReadOnlyMemory<byte>> parts = [];

    /// <summary>Bytes of the encoded message.</summary>
    public long Length { get; private set; }

    /// <summary>Adds a whole number.</summary>
    public ProtoMessage Whole(int field, long value) => Add([.. Number(((ulong)field << 3) | Varint), .. Number((ulong)value)]);

    /// <summary>Adds a text.</summary>
    public ProtoMessage Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Adds bytes, which are not copied.</summary>
    public ProtoMessage Bytes(int field, ReadOnlyMemory<byte> value) => Begin(field, value.Length).Add(value);

    /// <summary>Adds a message.</summary>
    public ProtoMessage Message(int field, ProtoMessage value)
    {
        Begin(field, value.Length);
        parts.AddRange(value.parts);
        Length += value.Length;
        return this;
    }

    /// <summary>Writes the encoded message.</summary>
    public void WriteTo(Stream stream)
    {
        foreach (var part in parts)
        {
            stream.Write(part.Span);
        }
    }

    private ProtoMessage Begin(int field, long length) => Add([.. Number(((ulong)field << 3) | LengthDelimited), .. Number((ulong)length)]);

    private ProtoMessage Add(byte[] bytes) => Add(bytes.AsMemory());

    private ProtoMessage Add(ReadOnlyMemory<byte> bytes)
    {
        parts.Add(bytes);
        Length += bytes.Length;
        return this;
    }

    /// <summary>Seven bits a byte, the lowest first; a negative number has ten.</summary>
    private static List<byte> Number(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return bytes;
    }
}
