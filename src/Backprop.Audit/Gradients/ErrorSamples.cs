using Backprop.Audit.Bounds;

namespace Backprop.Audit;

/// <summary>
/// Errors of a tensor drawn at random, with all that ties roundings to each other (<see cref="FloatSample"/>): the yardstick where independent
/// ones do not explain an error.
/// </summary>
/// <remarks>
/// An error of variance σ², sub-Gaussian as a sum of uniform ones is, exceeds t s with a probability of at most 2 E exp(−t² s² / 2σ²). For s²
/// the mean square of R samples of it, that is 2 (1 + t²/R)^(−R/2), as of Student's distribution. So that none of N elements is beyond its
/// limit by chance, in one tensor out of 1 / p: t = √(R ((2N/p)^(2/R) − 1)), 9.5 for N = 1.
/// The square q of a norm has the mean tr Σ and the variance 2 tr Σ² = 2 (tr Σ)² / ν, of ν numbers that are independent. With ln 1/p = τ it is
/// beyond (1 + 2 √(τ/ν) + 2 τ/√ν) tr Σ with a probability of p (Hsu, Kakade and Zhang (2012), A tail inequality for quadratic forms of
/// subgaussian random vectors). Mean and variance are the samples', the variance taken fourfold, and the limit is as much wider as that of
/// one error is of R ν samples instead of all: 10.4 root mean squares where all errors come of one rounding, 3 where ν is 50.
/// p is what gives the limits their width, and no probability of the audit's. The theorems are of independent samples of sub-Gaussian
/// errors; here factors are spread evenly (<see cref="FloatSample"/>), so that 32 of them cover their range better than random ones would, and an
/// error need not be sub-Gaussian. What holds: samples are results of an arithmetic that rounds as float's does, the same in every run, and
/// no error is excused that is above these many times their mean. How often a sound tensor is, the random networks show.
/// </remarks>
internal sealed class ErrorSamples
{
    private const int Count = 32;

    // p: how often a sound tensor would exceed the limit of its norm, and as often those of its elements, if samples were independent.
    private const double Chance = 1e-9;

    // Of the variance of R squares, which may by chance be smaller than it is.
    private const double Caution = 4;

    private readonly double[] norms = new double[Count];

    // Of each element, samples within the range.
    private readonly int[] finite;

    private ErrorSamples(int elements) => (MeanSquares, finite) = (new double[elements], new int[elements]);

    /// <summary>The mean square of each element's finite samples, in squares of the unit; 0 without any.</summary>
    public double[] MeanSquares { get; }

    /// <summary>
    /// Whether some error, of the tensor or of what it is computed from, is so large where a formula bends that a few samples do not tell how far
    /// off its numbers can be.
    /// </summary>
    public bool AreBent { get; private set; }

    /// <summary>The largest norm that is excused, in units; 0 where no sample is finite.</summary>
    public double LargestNorm
    {
        get
        {
            // A sample beyond the range says nothing.
            var squares = norms.Where(double.IsFinite).ToArray();
            if (squares.Length == 0)
            {
                return 0;
            }

            var mean = squares.Average();
            var variance = squares.Length == 1 ? mean * mean : squares.Sum(norm => (norm - mean) * (norm - mean)) / (squares.Length - 1);
            var independent = variance == 0 ? MeanSquares.Length : Math.Clamp(2 * mean * mean / (Caution * variance), 1, MeanSquares.Length);
            var (tau, all) = (Math.Log(1 / Chance), Math.Sqrt(2 * Math.Log(2 / Chance)));
            return MostDeviations(1, squares.Length * independent) / all
                * Math.Sqrt((1 + 2 * Math.Sqrt(tau / independent) + 2 * tau / Math.Sqrt(independent)) * mean);
        }
    }

    /// <summary>Draws samples of every tensor's errors.</summary>
    /// <param name="bounds">The network.</param>
    /// <param name="run">The reference; its units may be on other sides of kinks.</param>
    public static IReadOnlyList<ErrorSamples> Of(IBoundedRun bounds, BoundedGraph run)
    {
        var samples = bounds.Tensors.Select(tensor => new ErrorSamples(tensor.Values.Length)).ToArray();
        for (var sample = 0; sample < Count; sample++)
        {
            var drawn = run.WithSample(sample + 1);
            foreach (var (tensor, of) in bounds.TensorsOf(drawn).Zip(samples))
            {
                of.AreBent |= tensor.IsBent;
                for (var i = 0; i < tensor.Errors.Length; i++)
                {
                    var square = tensor.Errors[i] * tensor.Errors[i];
                    of.norms[sample] += square;
                    if (double.IsFinite(square))
                    {
                        of.finite[i]++;
                        of.MeanSquares[i] += (square - of.MeanSquares[i]) / of.finite[i];
                    }
                }
            }
        }

        return samples;
    }

    /// <summary>How many times the root mean square of its samples an error may be.</summary>
    /// <param name="elements">How many errors there are.</param>
    public static double MostDeviations(int elements) => MostDeviations(elements, Count);

    private static double MostDeviations(int elements, double samples) => Math.Sqrt(samples * (Math.Pow(2 * elements / Chance, 2 / samples) - 1));
}
