namespace Backprop.Models;

/// <summary>A tensor of a safetensors file: what its header says.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its numbers as the format writes it: <c>F32</c>, <c>BF16</c>, <c>I64</c> …</param>
/// <param name="Shape">Its sizes, the slowest first; none for a single number.</param>
/// <param name="Offset">Where its bytes begin, from the end of the header.</param>
/// <param name="Bytes">How many there are.</param>
public sealed record SafeTensor(string Name, string Type, IReadOnlyList<long> Shape, long Offset, long Bytes)
{
    /// <summary>How many numbers it has.</summary>
    public long Length => Bytes / BytesOf(Type);

    /// <summary>The bytes of a number of that type; 0 if there is no such type.</summary>
    internal static int BytesOf(string type) => type switch
    {
        "BOOL" or "U8" or "I8" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" => 1,
        "I16" or "U16" or "F16" or "BF16" => 2,
        "I32" or "U32" or "F32" => 4,
        "I64" or "U64" or "F64" or "C64" => 8,
        _ => 0,
    };

    /// <summary>The type of numbers that are written as they are.</summary>
    /// <exception cref="NotSupportedException">They are not written.</exception>
    internal static string TypeOf<T>() => typeof(T) == typeof(float) ? "F32"
        : typeof(T) == typeof(double) ? "F64"
        : typeof(T) == typeof(long) ? "I64"
        : typeof(T) == typeof(byte) ? "U8"
        : throw new NotSupportedException($"Numbers of type {typeof(T).Name} are not written. Use float, double, long or byte.");
}
