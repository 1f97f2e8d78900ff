using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Backprop.Models;

/// <summary>A safetensors file being read: the header at once, each tensor when it is asked for.</summary>
/// <remarks>
/// Whatever the bytes, a file is refused with an <see cref="InvalidDataException"/> or read: lengths are compared with the file's before
/// anything is allocated. Numbers need not be aligned, as files of other writers have them.
/// </remarks>
public sealed class SafeTensorsFile : IDisposable
{
    private readonly Stream stream;
    private readonly long dataStart;
    private readonly Dictionary<string, SafeTensor> byName;

    /// <summary>Reads the header of a stream, which this object then owns.</summary>
    /// <param name="stream">The whole file; its position can be set.</param>
    /// <exception cref="InvalidDataException">The bytes are not a safetensors file.</exception>
    public SafeTensorsFile(Stream stream)
    {
        this.stream = stream;
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        if (!stream.CanSeek || stream.Length < length.Length)
        {
            throw new InvalidDataException($"The file has fewer than {length.Length} bytes, or is none that can be read twice. Give a safetensors file.");
        }

        ReadAt(0, length);
        var (headerBytes, rest) = (BinaryPrimitives.ReadUInt64LittleEndian(length), stream.Length - length.Length);
        if (headerBytes > (ulong)Math.Min(rest, SafeTensors.MostHeaderBytes))
        {
            throw new InvalidDataException(
                $"The file begins with a header of {headerBytes} bytes, more than the {rest} that follow or than {SafeTensors.MostHeaderBytes}. "
                    + "It is no safetensors file, or cut off.");
        }

        var json = new byte[headerBytes];
        ReadAt(length.Length, json);
        dataStart = length.Length + json.Length;
        var header = new SafeTensorsHeader(json, stream.Length - dataStart);
        (Metadata, Tensors, byName) = (header.Metadata, header.Tensors, header.Tensors.ToDictionary(t => t.Name));
    }

    /// <summary>Texts about the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<SafeTensor> Tensors { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="InvalidDataException">It is not a safetensors file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SafeTensorsFile Open(string path)
    {
        var stream = File.OpenRead(path);
        try
        {
            return new(stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The tensor of that name, or null.</summary>
    public SafeTensor? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>Reads a tensor's numbers, widened exactly where its type is narrower: F16 and BF16 to float or double, F32 to double.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="values">As many as it has.</param>
    /// <exception cref="ArgumentException">There are not as many.</exception>
    /// <exception cref="InvalidDataException">The tensor's type does not fit into <typeparamref name="T"/>, or the file has become shorter.</exception>
    public void Read<T>(SafeTensor tensor, Span<T> values) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (tensor.Type == SafeTensor.TypeOf<T>())
        {
            ReadAsTheyAre(tensor, values);
            return;
        }

        RequireLength(tensor, values.Length);
        var bytes = new byte[Math.Min(tensor.Bytes, SafeTensors.Piece)];
        var size = SafeTensor.BytesOf(tensor.Type);
        for (var i = 0; i < values.Length; i += bytes.Length / size)
        {
            var piece = values[i..Math.Min(i + bytes.Length / size, values.Length)];
            ReadAt(dataStart + tensor.Offset + (long)i * size, bytes.AsSpan(0, piece.Length * size));
            Widen(tensor, bytes, piece);
        }
    }

    /// <summary>Reads the bytes of a tensor of type U8, or the numbers of one of type I64.</summary>
    /// <exception cref="ArgumentException">There are not as many.</exception>
    /// <exception cref="InvalidDataException">The tensor is of another type, or the file has become shorter.</exception>
    public void ReadWhole<T>(SafeTensor tensor, Span<T> values) where T : unmanaged, IBinaryInteger<T>
    {
        if (tensor.Type != SafeTensor.TypeOf<T>())
        {
            throw WrongType<T>(tensor);
        }

        ReadAsTheyAre(tensor, values);
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private static void Widen<T>(SafeTensor tensor, ReadOnlySpan<byte> bytes, Span<T> values) where T : unmanaged, IFloatingPointIeee754<T>
    {
        switch (tensor.Type)
        {
            case "F16":
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = T.CreateTruncating(BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]));
                }

                break;
            case "BF16":
                for (var i = 0; i < values.Length; i++)
                {
                    // The upper half of a float.
                    values[i] = T.CreateTruncating(BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16));
                }

                break;
            case "F32" when typeof(T) == typeof(double):
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = T.CreateTruncating(BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]));
                }

                break;
            default:
                throw WrongType<T>(tensor);
        }
    }

    private static InvalidDataException WrongType<T>(SafeTensor tensor) => new(
        $"The tensor {SafeTensorsHeader.Quote(tensor.Name)} is of type {tensor.Type}, which is not {SafeTensor.TypeOf<T>()} and does not fit into it. "
            + "Read it as another type.");

    private static void RequireLength(SafeTensor tensor, int length)
    {
        if (tensor.Length != length)
        {
            throw new ArgumentException($"The tensor {SafeTensorsHeader.Quote(tensor.Name)} has {tensor.Length} numbers, not {length}. Give room for as many.");
        }
    }

    private void ReadAsTheyAre<T>(SafeTensor tensor, Span<T> values) where T : unmanaged
    {
        RequireLength(tensor, values.Length);
        for (var i = 0; i < values.Length; i += SafeTensors.Piece)
        {
            var piece = values[i..Math.Min(i + SafeTensors.Piece, values.Length)];
            ReadAt(dataStart + tensor.Offset + (long)i * Unsafe.SizeOf<T>(), MemoryMarshal.AsBytes(piece));
        }
    }

    private void ReadAt(long position, Span<byte> bytes)
    {
        try
        {
            stream.Position = position;
            stream.ReadExactly(bytes);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("The file became shorter while it was read. Read it again when nobody writes to it.", e);
        }
    }
}
