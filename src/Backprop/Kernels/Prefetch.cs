using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>Has the processor fetch what is read soon, where it knows how; changes no result.</summary>
internal static class Prefetch
{
    /// <summary>Rows of a panel, two cache lines each.</summary>
    // Buffers never move, so an address may be taken.
    [MethodImpl(NoInlining | AggressiveOptimization)]
    public static unsafe void Rows<T>(ref T first, int rows) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Sse.IsSupported)
        {
            var row = (byte*)Unsafe.AsPointer(ref first);
            for (var end = row + rows * Panels<T>.Width * Unsafe.SizeOf<T>(); row < end; row += Buffers.CacheLine)
            {
                Sse.Prefetch0(row);
            }
        }
    }
}
