using Backprop.Kernels;

namespace Backprop.Planning;

/// <summary>How the engine runs; none of it changes a bit of the result.</summary>
public sealed record EngineOptions
{
    /// <summary>Every core; vectors as BACKPROP_VECTOR_BITS says, or else the processor's widest.</summary>
    public static EngineOptions Default { get; } = new();

    /// <summary>Threads to use, the caller's included; 0 for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Vector width in bits: 512, 256, 128, or 0 for scalar code; null for the environment's BACKPROP_VECTOR_BITS, or else the widest the processor
    /// has.
    /// </summary>
    public int? VectorBits { get; init; }

    /// <summary>
    /// Whether the backward pass computes again what it reads of the forward pass, instead of keeping all of it: activations of a deep
    /// network then take memory in proportion to the square root of its depth, for the time of about one more forward pass.
    /// </summary>
    public bool Recompute { get; init; }

    /// <summary>The width that comes of it on this machine, in bits; 0 for scalar code.</summary>
    /// <exception cref="ArgumentException">There is no such width.</exception>
    public int VectorBitsInUse => Kernels<float>.Of(VectorBits).VectorBits;
}
