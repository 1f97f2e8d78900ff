namespace Backprop.Formulas;

/// <summary>A number of a formula that is computed once before a loop, not written in it: kernels load it ready in their precision.</summary>
/// <remarks>
/// A double field would be rounded to float again for every vector, and that conversion waits for the register it overwrites: Adam's
/// update then took three times as long.
/// </remarks>
/// <param name="Value">The number.</param>
public readonly record struct Coefficient(double Value)
{
    /// <summary>The number rounded to float.</summary>
    public float Rounded { get; } = (float)Value;

    /// <summary>The number as a coefficient.</summary>
    public static implicit operator Coefficient(double value) => new(value);
}
