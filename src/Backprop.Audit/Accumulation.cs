using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>How the errors of many terms add up in their sum.</summary>
/// <param name="Into">What is added: the error itself, or its square.</param>
/// <param name="Back">From the sum back to an error.</param>
/// <param name="Additions">The roundings that n additions make, as a multiple of the terms' size so added up.</param>
internal sealed record Accumulation(Func<Tensor, Tensor> Into, Func<Tensor, Tensor> Back, Func<long, double> Additions)
{
    /// <summary>
    /// All in the same direction: hardly an error is larger. One after another, terms of one sign make partial sums of k/n of the
    /// whole, and n roundings of them walk ¼ √n far, root mean square: four times that is allowed, and one rounding for the last addition.
    /// </summary>
    public static Accumulation Worst { get; } = new(e => e, e => e, n => 1 + Math.Sqrt(n));

    /// <summary>Each in a direction of its own, so that squares add up: what to expect of many.</summary>
    public static Accumulation Independent { get; } = new(e => e * e, sqrt, _ => 1);

    /// <summary>The roundings of a sum of n products as a multiple of its terms' size: one for the products, and those of the additions.</summary>
    public double Roundings(long n) => 1 + Additions(n);

    /// <summary>Of Σ e·w over the inner dimension, for errors and factors above 0.</summary>
    public Torched Products(Torched errors, Torched factors) => new(Back(Into(errors.Tensor).matmul(Into(factors.Tensor))));

    /// <summary>Of Σ e over the rows.</summary>
    public Torched Sums(Torched errors) => new(Back(Into(errors.Tensor).sum([0L])));
}
