using System.Buffers.Binary;
using System.Text;

namespace Backprop.Torch;

/// <summary>Reads which symbol versions a shared library needs, as the loader reads them, and can make one of them optional.</summary>
/// <remarks>
/// Source: System V ABI, chapters 4 and 5 (program headers, dynamic section); Linux Standard Base, "Symbol Versioning"
/// (Elfxx_Verneed, Elfxx_Vernaux). Everything is found through the program headers, so stripped libraries read as well.
/// </remarks>
internal static class ElfVersionNeeds
{
    private const int ProgramHeaderSize = 56, DynamicEntrySize = 16;
    private const uint LoadSegment = 1, DynamicSegment = 2;
    private const ulong StringTable = 5, VersionNeeds = 0x6ffffffe, VersionNeedCount = 0x6fffffff;
    private const ushort Weak = 2;

    /// <summary>A copy in which the need of that version of that library is weak: the loader then does not insist on it.</summary>
    /// <returns>The copy, differing in one 16-bit field at most; null if the library has no such need.</returns>
    /// <exception cref="InvalidDataException">
    /// The bytes are not a 64-bit little-endian shared library; the message says why, as the end of a sentence.
    /// </exception>
    public static byte[]? Weaken(ReadOnlySpan<byte> library, string needed, string version)
    {
        if (FindFlags(library, needed, version) is not { } position)
        {
            return null;
        }

        var copy = library.ToArray();
        var flags = copy.AsSpan(position, sizeof(ushort));
        BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(flags) | Weak));
        return copy;
    }

    private static int? FindFlags(ReadOnlySpan<byte> elf, string needed, string version)
    {
        if (elf.Length < 64 || !elf.StartsWith((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1]))
        {
            throw new InvalidDataException($"its {elf.Length} bytes are not a 64-bit little-endian ELF file");
        }

        var strings = Dynamic(elf, StringTable);
        var need = Dynamic(elf, VersionNeeds);
        var count = Dynamic(elf, VersionNeedCount);
        if (strings is null || need is null || count is null)
        {
            return null;
        }

        var (names, entry) = (Offset(elf, strings.Value), Offset(elf, need.Value));
        for (var (i, next) = (0UL, 1U); i < count && next != 0; i++, entry += next)
        {
            next = U32(elf, entry + 12);
            var file = Name(elf, names + U32(elf, entry + 4));
            var auxiliary = entry + U32(elf, entry + 8);
            for (var j = 0; file == needed && j < U16(elf, entry + 2); j++)
            {
                if (Name(elf, names + U32(elf, auxiliary + 8)) == version)
                {
                    return (int)auxiliary + 4;
                }

                auxiliary += U32(elf, auxiliary + 12);
            }
        }

        return null;
    }

    /// <summary>The value of an entry of the dynamic section, or null.</summary>
    private static ulong? Dynamic(ReadOnlySpan<byte> elf, ulong tag)
    {
        var segment = Segment(elf, (elf, header) => U32(elf, header) == DynamicSegment)
            ?? throw new InvalidDataException("it has no dynamic section, so it is not a shared library");
        var (start, size) = (U64(elf, segment + 8), U64(elf, segment + 32));
        for (var at = start; at < start + size; at += DynamicEntrySize)
        {
            if (U64(elf, at) == tag)
            {
                return U64(elf, at + 8);
            }
        }

        return null;
    }

    /// <summary>Where in the file the byte lies that is loaded at an address.</summary>
    private static ulong Offset(ReadOnlySpan<byte> elf, ulong address)
    {
        var segment = Segment(elf, (elf, header) =>
            U32(elf, header) == LoadSegment && address - U64(elf, header + 16) < U64(elf, header + 32))
            ?? throw new InvalidDataException($"no segment of it holds address 0x{address:x}");
        return address - U64(elf, segment + 16) + U64(elf, segment + 8);
    }

    private static ulong? Segment(ReadOnlySpan<byte> elf, Func<ReadOnlySpan<byte>, ulong, bool> wanted)
    {
        var header = U64(elf, 32);
        for (var i = 0; i < U16(elf, 56); i++, header += ProgramHeaderSize)
        {
            if (wanted(elf, header))
            {
                return header;
            }
        }

        return null;
    }

    private static string Name(ReadOnlySpan<byte> elf, ulong at)
    {
        var rest = Read(elf, at, 1, toEnd: true);
        var end = rest.IndexOf((byte)0);
        return end < 0 ? throw Broken(at) : Encoding.ASCII.GetString(rest[..end]);
    }

    private static ushort U16(ReadOnlySpan<byte> elf, ulong at) => BinaryPrimitives.ReadUInt16LittleEndian(Read(elf, at, 2));

    private static uint U32(ReadOnlySpan<byte> elf, ulong at) => BinaryPrimitives.ReadUInt32LittleEndian(Read(elf, at, 4));

    private static ulong U64(ReadOnlySpan<byte> elf, ulong at) => BinaryPrimitives.ReadUInt64LittleEndian(Read(elf, at, 8));

    private static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> elf, ulong at, int length, bool toEnd = false)
    {
        if (at > (ulong)(elf.Length - length))
        {
            throw Broken(at);
        }

        return toEnd ? elf[(int)at..] : elf.Slice((int)at, length);
    }

    private static InvalidDataException Broken(ulong at)
        => new($"it points to byte {at}, past its end");
}
