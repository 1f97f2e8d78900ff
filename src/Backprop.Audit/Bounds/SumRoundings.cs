namespace Backprop.Audit.Bounds;

/// <summary>What the roundings of a sum of n products amount to, in whatever order its terms are added.</summary>
/// <remarks>
/// At worst a term passes through n roundings: its product's, and n − 1 additions; so Σ |error| ≤ n / (1 − n u) Σ |term|, of which u is
/// float's. Higham (2002), section 3.1.
/// If roundings are independent, each addition's variance is ⅓ of the partial sum's square. Over all orders of one chain, the mean square of
/// the sum S_k of k terms t, of all S, is k (n − k) / (n (n − 1)) (Σ t² − S²/n) + (k/n)² S²: two terms are among the k with a chance of
/// k (k − 1) / (n (n − 1)). Over the additions, k = 2 … n, that is ((n + 1)/6 − 1/n) Σ t² + (n + 1)/3 S², as Σ k (n − k) = n (n² − 1)/6 and
/// Σ k² = n (n + 1) (2n + 1)/6 from k = 1; of a single term there is none. Sums in several chains, as vectors make them, round less.
/// </remarks>
/// <param name="Terms">n.</param>
internal readonly record struct SumRoundings(int Terms)
{
    /// <summary>The factor of Σ |term| in the worst case.</summary>
    public double Worst => Terms / (1 - Terms * Bounded.Float);

    /// <summary>The factor of Σ term² in the variance: of the products, and of the additions.</summary>
    public double OfSquares => Bounded.Uniform * (1 + (Terms > 1 ? (Terms + 1) / 6.0 - 1.0 / Terms : 0));

    /// <summary>The factor of (Σ term)² in the variance.</summary>
    public double OfSquaredSum => Terms > 1 ? Bounded.Uniform * (Terms + 1) / 3.0 : 0;

    /// <summary>Adds what is known of the sum only: the roundings of its size, and, unless it is exact, what each term may lose below float's range.</summary>
    /// <param name="sum">The sum.</param>
    /// <param name="error">What the terms give of <see cref="Bounded.Error"/>.</param>
    /// <param name="variance">What they give of <see cref="Bounded.Variance"/>.</param>
    public void Finish(double sum, ref double error, ref double variance)
    {
        variance += OfSquaredSum * sum * sum;
        if (error > 0)
        {
            error += Bounded.Underflow * Terms;
            variance += Bounded.Underflow * Bounded.Underflow * Terms;
        }
    }
}
