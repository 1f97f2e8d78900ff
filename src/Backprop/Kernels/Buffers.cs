using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>Allocates what vectors are loaded from: zeros, at an address that is a multiple of a cache line.</summary>
internal static class Buffers
{
    /// <summary>Bytes of a cache line.</summary>
    public const int CacheLine = 64;

    /// <summary>That many zeros, never moved by the garbage collector.</summary>
    public static unsafe Slice<T> Allocate<T>(int length) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var buffer = GC.AllocateArray<T>(checked(length + CacheLine / Unsafe.SizeOf<T>()), pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref buffer[0]);
        var offset = (CacheLine - address % CacheLine) % CacheLine / (nuint)Unsafe.SizeOf<T>();
        return new(buffer, (int)offset);
    }
}
