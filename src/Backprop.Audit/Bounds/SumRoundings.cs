namespace Backprop.Audit.Bounds;

/// <summary>What the roundings of a sum of n products amount to, in whatever order its terms are added.</summary>
/// <remarks>
/// At worst a term passes through n roundings: its product's, and n − 1 additions; so Σ |error| ≤ n / (1 − n u) Σ |term|, of which u is
/// float's. Higham (2002), section 3.1.
/// If roundings are independent, each addition's variance is ⅓ of the partial sum's square. Over all orders of one chain, the mean
/// square of the k-th partial sum is k/n (1 − k/n) Σ term² + (k/n)² (Σ term)², which adds up to n/6 Σ term² + n/3 (Σ term)². Sums in
/// several chains, as vectors make them, round less.
/// </remarks>
/// <param name="Terms">n.</param>
internal readonly record struct SumRoundings(int Terms)
{
    /// <summary>The factor of Σ |term| in the worst case.</summary>
    public double Worst => Terms / (1 - Terms * Bounded.Float);

    /// <summary>The factor of Σ term² in the variance.</summary>
    public double OfSquares => Bounded.Uniform * (1 + (Terms - 1) / 6.0);

    /// <summary>The factor of (Σ term)² in the variance.</summary>
    public double OfSquaredSum => Bounded.Uniform * (Terms - 1) / 3.0;
}
