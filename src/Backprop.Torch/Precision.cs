using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Backprop.Torch;

/// <summary>Moves numbers of either precision between spans and tensors, without a copy in between.</summary>
internal static class Precision
{
    /// <summary>torch's name of a number type.</summary>
    /// <exception cref="NotSupportedException">It is neither float nor double.</exception>
    public static ScalarType Of<T>() where T : unmanaged, IFloatingPointIeee754<T>
        => typeof(T) == typeof(float) ? ScalarType.Float32
        : typeof(T) == typeof(double) ? ScalarType.Float64
        : throw new NotSupportedException($"{typeof(T).Name} is not a precision to compare in. Use float or double.");

    /// <summary>Copies into a contiguous tensor of as many numbers.</summary>
    public static void Set<T>(this Tensor tensor, ReadOnlySpan<T> values) where T : unmanaged
        => values.CopyTo(MemoryMarshal.Cast<byte, T>(tensor.bytes));

    /// <summary>Copies out of a tensor of as many numbers.</summary>
    public static void Get<T>(this Tensor tensor, Span<T> values) where T : unmanaged
    {
        using var whole = tensor.contiguous();
        MemoryMarshal.Cast<byte, T>(whole.bytes).CopyTo(values);
    }
}
