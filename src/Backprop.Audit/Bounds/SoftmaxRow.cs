using Backprop.Formulas;

namespace Backprop.Audit.Bounds;

/// <summary>A row's probabilities p = softmax(z), with the errors that they have together.</summary>
/// <remarks>
/// Errors ẑ of the logits do not go through numerator and denominator on their own: ∂pᵢ/∂zⱼ = pᵢ (δᵢⱼ − pⱼ), so that p̂ᵢ =
/// pᵢ ((1 − pᵢ) ẑᵢ + Σ_{j≠i} pⱼ ẑⱼ), and its variance has the squares of these factors. With E the largest |ẑ|, μ = Σ p ẑ and the variance
/// V = Σ p (ẑ − μ)² ≤ E², the second derivatives along ẑ are V of log Σ eᶻ, and pᵢ ((ẑᵢ − μ)² − V) of pᵢ: 4 E² pᵢ at most, where pᵢ itself
/// grows e²ᴱ-fold at most.
/// </remarks>
internal sealed class SoftmaxRow<TX> where TX : struct, IReal<TX>, IElement<TX>
{
    private readonly TX[] z;
    private readonly TX[] p;
    private readonly TX largest;
    private readonly TX logarithm;

    /// <summary>Of a row's logits.</summary>
    public SoftmaxRow(TX[] z)
    {
        (this.z, largest) = (z, TX.Alone(z.MaxBy(one => one.Value)));

        // Of exact logits: what the operations themselves round.
        TX[] shifted = [.. z.Select(one => TX.Alone(one) - largest)];
        TX[] powers = [.. shifted.Select(TX.Exp)];
        var sum = TX.SumOfProducts(powers, [.. Enumerable.Repeat<TX>(1, z.Length)]);
        (p, logarithm) = ([.. powers.Select(power => power / sum)], TX.Log(sum));
    }

    /// <summary>The size of the largest logit.</summary>
    public double Largest => Math.Abs(largest.Value);

    /// <summary>Σ q (log Σ eᶻ − z), of what the classes count for.</summary>
    public TX Loss(TX[] q)
    {
        // Of exact logits, and then what their errors make of it: its slopes are (Σ q) p − q.
        var counted = Enumerable.Range(0, z.Length).Where(j => q[j].Value != 0).ToArray();
        var loss = TX.SumOfProducts([.. counted.Select(j => q[j])], [.. counted.Select(j => logarithm - (TX.Alone(z[j]) - largest))]);
        return TX.Following(loss, z, j => Total(q) * p[j].Value - q[j].Value, _ => Total(q));
    }

    /// <summary>(Σ q) p − q.</summary>
    public TX[] Slopes(TX[] q)
    {
        if (Total(q) == 0)
        {
            return new TX[z.Length];
        }

        var total = TX.SumOfProducts(q, [.. Enumerable.Repeat<TX>(1, q.Length)]);
        return [.. p.Select((one, i) => TX.Following(
            total * one - q[i], z, j => Total(q) * one.Value * ((i == j ? 1 : 0) - p[j].Value),
            error => 4 * Total(q) * Math.Min(1, one.Value * Math.Exp(2 * error))))];
    }

    private static double Total(TX[] q) => q.Sum(one => one.Value);
}
