using Backprop.Kernels;
using Real = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Models;

/// <summary>N(mean, deviation²) without what lies outside two bounds: PyTorch's trunc_normal_.</summary>
/// <remarks>
/// The inverse of the distribution function at uniform numbers. Those are PyTorch's bit for bit; the results may differ in their last
/// bits, as libtorch takes the inverse error function from the processor maker's library.
/// </remarks>
public sealed record TruncatedNormal : Initializer
{
    /// <summary>The mean of the whole distribution, finite.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Mean { get; init => field = Check(value); }

    /// <summary>The standard deviation of the whole distribution, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Deviation { get; init => field = Check(value, value > 0, "a finite number above 0"); } = 1;

    /// <summary>The least value, in the units of the values, finite.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double From { get; init => field = Check(value); } = -2;

    /// <summary>The largest value, finite.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double To { get; init => field = Check(value); } = 2;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Arguments => [Text(Mean), Text(Deviation), Text(From), Text(To)];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The bounds are not in order.</exception>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
    {
        if (From > To)
        {
            throw new ArgumentException($"There is no number from {From} to {To}. Exchange the bounds.");
        }

        random.FillUniform(values, 2 * Below(From) - 1, 2 * Below(To) - 1);
        var (scale, mean) = (T.CreateTruncating(Deviation * Math.Sqrt(2)), T.CreateTruncating(Mean));
        var (least, most) = (T.CreateTruncating(From), T.CreateTruncating(To));
        foreach (ref var value in values)
        {
            var drawn = T.CreateTruncating(InverseErf.Of(double.CreateTruncating(value))) * scale + mean;
            value = drawn < least ? least : drawn > most ? most : drawn;
        }
    }

    /// <inheritdoc/>
    protected override Initializer With(IReadOnlyList<string> arguments) => new TruncatedNormal
    {
        Mean = Number(arguments[0]),
        Deviation = Number(arguments[1]),
        From = Number(arguments[2]),
        To = Number(arguments[3]),
    };

    /// <summary>The probability of less than that.</summary>
    private double Below(double x) => (1 + Real.Erf(new((x - Mean) / Deviation / Math.Sqrt(2))).Vector) / 2;
}
