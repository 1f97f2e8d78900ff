using Backprop.Formulas;

namespace Backprop.Audit.Bounds;

/// <summary>A row's probabilities p = softmax(z), with the errors that they have together.</summary>
/// <remarks>
/// Errors ẑ of the logits do not go through numerator and denominator on their own: ∂pᵢ/∂zⱼ = pᵢ (δᵢⱼ − pⱼ), so that p̂ᵢ =
/// pᵢ ((1 − pᵢ) ẑᵢ + Σ_{j≠i} pⱼ ẑⱼ), and its variance has the squares of these factors.
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

    /// <summary>Σ q (log Σ eᶻ − z), of what the classes count for.</summary>
    public TX Loss(TX[] q)
    {
        // Of exact logits, and then what their errors make of it: its slopes are (Σ q) p − q.
        var counted = Enumerable.Range(0, z.Length).Where(j => q[j].Value != 0).ToArray();
        var loss = TX.SumOfProducts([.. counted.Select(j => q[j])], [.. counted.Select(j => logarithm - (TX.Alone(z[j]) - largest))]);
        return With(loss, j => Total(q) * p[j].Value - q[j].Value, largestToo: true);
    }

    /// <summary>(Σ q) p − q.</summary>
    public TX[] Slopes(TX[] q)
    {
        if (Total(q) == 0)
        {
            return new TX[z.Length];
        }

        var total = TX.SumOfProducts(q, [.. Enumerable.Repeat<TX>(1, q.Length)]);
        return [.. p.Select((one, i) => With(total * one - q[i], j => Total(q) * one.Value * ((i == j ? 1 : 0) - p[j].Value), largestToo: false))];
    }

    private static double Total(TX[] q) => q.Sum(one => one.Value);

    /// <summary>Adds what the logits' errors make of a number, by its slopes.</summary>
    private TX With(TX number, Func<int, double> slope, bool largestToo)
    {
        // PyTorch adds the largest logit to the logarithm of the sum before it takes the class's away.
        var own = largestToo ? Math.Abs(largest.Value) : 0;
        return TX.Off(TX.Following(number, z, slope), own, Bounded.Uniform * own * own);
    }
}
