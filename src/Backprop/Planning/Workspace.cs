using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Kernels;

namespace Backprop.Planning;

/// <summary>Memory for the values of plans that never run at the same time, and of which none is read after another has run.</summary>
internal sealed class Workspace<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private Slice<T> memory = new([], 0);

    /// <summary>Bytes reserved so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Room for that many numbers: what an earlier plan uses, if it is enough.</summary>
    public Slice<T> Reserve(int length)
    {
        if (memory.Buffer.Length - memory.Offset < length)
        {
            memory = Buffers.Allocate<T>(length);
            Bytes += (long)length * Unsafe.SizeOf<T>();
        }

        return memory;
    }
}
