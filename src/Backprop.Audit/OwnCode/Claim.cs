namespace Backprop.Audit;

/// <summary>What code claims to be the gradient of a scalar with respect to one tensor.</summary>
/// <param name="Name">The tensor.</param>
/// <param name="Columns">Its columns: an element's place in messages is [row, column].</param>
/// <param name="Numbers">Its numbers, row-major, where the gradient is taken.</param>
/// <param name="Gradient">The gradient, row-major.</param>
internal sealed record Claim(string Name, int Columns, double[] Numbers, double[] Gradient)
{
    /// <summary>How far rounding may put each number of the gradient off.</summary>
    public double[] Errors { get; init; } = Array.ConvertAll(Gradient, g => 4 * Bounds.Bounded.Double * Math.Abs(g));
}
