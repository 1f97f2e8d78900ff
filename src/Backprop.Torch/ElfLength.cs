using System.Buffers.Binary;

namespace Backprop.Torch;

/// <summary>Tells whether a shared library's file is as long as it says itself: one that was cut ends the process that touches what is missing.</summary>
/// <remarks>Source: System V ABI, chapters 4 (ELF header, e_shoff) and 5 (program headers, p_offset and p_filesz).</remarks>
internal static class ElfLength
{
    private const int HeaderSize = 64, ProgramHeaderSize = 56, SectionHeaderSize = 64;

    /// <summary>Refuses a file that is too short.</summary>
    /// <exception cref="InvalidDataException">It is, or it is no 64-bit little-endian ELF file.</exception>
    public static void Require(string path)
    {
        using var file = File.OpenRead(path);
        var header = Read(file, 0, HeaderSize);
        if (header.Length < HeaderSize || !header.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1]))
        {
            throw new InvalidDataException($"{path} is damaged: its {file.Length} bytes do not begin as a 64-bit shared library");
        }

        var (programs, count) = (U64(header, 32), U16(header, 56));
        var end = U64(header, 40) + (ulong)U16(header, 60) * SectionHeaderSize;
        var segments = Read(file, programs, count * ProgramHeaderSize);
        for (var at = 0; at + ProgramHeaderSize <= segments.Length; at += ProgramHeaderSize)
        {
            end = Math.Max(end, U64(segments, at + 8) + U64(segments, at + 32));
        }

        if (end > (ulong)file.Length || segments.Length < count * ProgramHeaderSize)
        {
            throw new InvalidDataException($"{path} is damaged: it ends after {file.Length} of {end} bytes");
        }
    }

    private static byte[] Read(FileStream file, ulong at, int length)
    {
        var bytes = new byte[length];
        file.Position = (long)Math.Min(at, (ulong)file.Length);
        return bytes[..file.ReadAtLeast(bytes, length, throwOnEndOfStream: false)];
    }

    private static ushort U16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static ulong U64(byte[] bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
}
