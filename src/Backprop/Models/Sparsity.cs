namespace Backprop.Models;

/// <summary>Tells when rows are better kept as their non-zeros. That never changes a bit, only time and memory.</summary>
public static class Sparsity
{
    /// <summary>
    /// Few is up to 1 in 16: measured on 256 to 4,000 features, a dense training step takes as long as a sparse one at about 1 in 8
    /// (0.7 to 1.3 times), and 1 to 2 times as long at 1 in 16.
    /// </summary>
    private const int Few = 16;

    /// <summary>Whether so many non-zeros are few.</summary>
    /// <param name="nonZeros">Non-zeros.</param>
    /// <param name="numbers">Of how many numbers.</param>
    public static bool AreFew(long nonZeros, long numbers) => nonZeros * Few <= numbers;
}
