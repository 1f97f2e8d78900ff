using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Publicize;

/// <summary>A copy of an assembly for the compiler to read, in which internal is public and private protected is protected.</summary>
/// <remarks>
/// Only the visibility bits of the metadata tables change, in place (ECMA-335, II.22: TypeDef, MethodDef, Field), so the copy needs
/// no rewriting of anything else. Private stays private. The copy is compiled against and never shipped or run: at run time
/// the real assembly is used, and IgnoresAccessChecksToAttribute on the referencing one lets the runtime agree with the compiler.
/// </remarks>
internal sealed class ReferenceCopy
{
    private readonly byte[] image;
    private readonly MetadataReader metadata;
    private readonly int metadataStart;
    private int changes;

    private ReferenceCopy(byte[] image, PEReader assembly)
        => (this.image, metadata, metadataStart) = (image, assembly.GetMetadataReader(), assembly.PEHeaders.MetadataStartOffset);

    /// <summary>The copy, and how many types, methods and fields in it became visible.</summary>
    public static (byte[] Image, int Changes) Of(byte[] original)
    {
        using var assembly = new PEReader(ImmutableArray.Create(original));
        var copy = new ReferenceCopy([.. original], assembly);
        copy.Open();
        return (copy.image, copy.changes);
    }

    private void Open()
    {
        foreach (var handle in metadata.TypeDefinitions)
        {
            var type = metadata.GetTypeDefinition(handle);
            if (IsCompilersOwn(type))
            {
                continue;
            }

            Replace(FlagsAt(TableIndex.TypeDef, handle, 0), (int)TypeAttributes.VisibilityMask, v => (int)Opened((TypeAttributes)v));
            foreach (var method in type.GetMethods())
            {
                // Before the flags a method's row has its address (4 bytes) and implementation flags (2).
                Replace(FlagsAt(TableIndex.MethodDef, method, 6), (int)MethodAttributes.MemberAccessMask, OpenedMember);
            }

            foreach (var field in type.GetFields())
            {
                Replace(FlagsAt(TableIndex.Field, field, 0), (int)FieldAttributes.FieldAccessMask, OpenedMember);
            }
        }
    }

    /// <summary>Closures and embedded attributes such as IsReadOnlyAttribute: made public, they would clash with the framework's.</summary>
    private bool IsCompilersOwn(TypeDefinition type)
    {
        var space = metadata.GetString(type.Namespace);
        return metadata.GetString(type.Name).StartsWith('<')
            || space.StartsWith("System", StringComparison.Ordinal)
            || space.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal);
    }

    private static TypeAttributes Opened(TypeAttributes visibility) => visibility switch
    {
        TypeAttributes.NotPublic => TypeAttributes.Public,
        TypeAttributes.NestedAssembly => TypeAttributes.NestedPublic,
        TypeAttributes.NestedFamANDAssem => TypeAttributes.NestedFamily,
        _ => visibility,
    };

    // Methods and fields share one encoding of visibility (ECMA-335, II.23.1.5 and II.23.1.10).
    private static int OpenedMember(int access) => (MethodAttributes)access switch
    {
        MethodAttributes.Assembly => (int)MethodAttributes.Public,
        MethodAttributes.FamANDAssem => (int)MethodAttributes.Family,
        _ => access,
    };

    private int FlagsAt(TableIndex table, EntityHandle row, int offset)
        => metadataStart + metadata.GetTableMetadataOffset(table)
            + (MetadataTokens.GetRowNumber(row) - 1) * metadata.GetTableRowSize(table) + offset;

    // Every visibility lies in the low bits of the flags' first two bytes.
    private void Replace(int position, int mask, Func<int, int> opened)
    {
        var bytes = image.AsSpan(position, sizeof(ushort));
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        var replaced = (flags & ~mask) | opened(flags & mask);
        if (replaced != flags)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)replaced);
            changes++;
        }
    }
}
