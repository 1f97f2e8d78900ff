using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Backprop.Kernels;

/// <summary>A place in a buffer: where a matrix begins.</summary>
/// <param name="Buffer">The buffer.</param>
/// <param name="Offset">Index of the first number.</param>
internal readonly record struct Slice<T>(T[] Buffer, int Offset) where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>The number <paramref name="index"/> places behind the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T At(int index) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Buffer), (nint)Offset + index);
}
