using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Export;

/// <summary>A number of C# source that is being written: known, or the name of a local.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="Method">Where it is computed; null for a number that is known.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Number">The number, if it is known.</param>
internal readonly record struct Code<T>(CSharpMethod<T>? Method, string Name, T Number) where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>A number that is known.</summary>
    public Code(T number) : this(null, "", number)
    {
    }

    /// <summary>The number as source: exactly this one when it is compiled.</summary>
    public string Text => Method is null ? Literal(Number) : Name;

    /// <summary>Its bits as source.</summary>
    public string Bits => Method is not null ? $"Bits({Name})"
        : IsFloat ? $"0x{Unsafe.BitCast<T, uint>(Number):X8}u" : $"0x{Unsafe.BitCast<T, ulong>(Number):X16}ul";

    /// <summary>T's name in C#.</summary>
    public static string Type => IsFloat ? "float" : "double";

    /// <summary>The class of T's functions.</summary>
    public static string Functions => IsFloat ? "MathF" : "Math";

    private static bool IsFloat => typeof(T) == typeof(float);

    /// <summary>A constant.</summary>
    public static string Literal(T number)
        => T.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) + (IsFloat ? "f" : "d")
            : T.IsNaN(number) ? $"{Type}.NaN"
            : $"{Type}.{(T.IsPositive(number) ? "PositiveInfinity" : "NegativeInfinity")}";
}
