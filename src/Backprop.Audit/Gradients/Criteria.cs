using System.Runtime.CompilerServices;
using Backprop.Audit.Bounds;

namespace Backprop.Audit;

/// <summary>When a tensor's numbers are as near to the reference as rounding explains.</summary>
/// <remarks>
/// In double, which only has to tell whether a formula is right: every element's error is at most what roundings all in one direction
/// give (<see cref="Bounded.Error"/>), whatever depends on what.
/// In float
/// 1. the tensor's norm: ‖numbers − reference‖ / ‖reference‖ is at most 2 + 2/√N times what independent roundings give for its N numbers
/// (<see cref="Bounded.Variance"/>), or four times the other library's own error, whichever is more;
/// 2. every element is off by no more than roundings all in one direction, and by at most 4 + √(2 ln N) of its standard deviations, or four
/// times as many as the other library's worst element needs: the largest of N normal numbers is about √(2 ln N) of them.
/// What is beyond these is no fault yet: roundings can depend on each other, and be more than first-order analysis knows. Then
/// <see cref="ErrorSamples"/> of errors that do are drawn, and decide.
/// </remarks>
internal static class Criteria
{
    // Two sound orders of the same sums err alike in size, not in value.
    private const double Allowance = 4;

    /// <summary>Judges a tensor's numbers.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <param name="bound">The reference, and how far each may be off.</param>
    /// <param name="unit">The roundoff of the precision.</param>
    /// <param name="other">The other library's numbers judged; null if there are none.</param>
    /// <param name="samples">Its sampled errors; null if there are none.</param>
    public static Judgement Judge(double[] numbers, BoundedTensor bound, double unit, Judgement? other = null, ErrorSamples? samples = null)
    {
        var shares = new double[numbers.Length];
        var (errors, references, typical, farthest, possible, isFloat) = (0.0, 0.0, 0.0, 0.0, 0.0, unit >= Bounded.Float);
        // What is no number excuses nothing.
        var (otherError, otherDeviations) = other is not null && double.IsFinite(other.Error) && double.IsFinite(other.Deviations)
            ? (other.Error, other.Deviations) : (0, 0);
        var deviations = Math.Max(Usual(numbers.Length), Allowance * otherDeviations);
        var sampled = ErrorSamples.MostDeviations(numbers.Length);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        double Most(int i) => !isFloat ? bound.Errors[i] : Math.Max(
            Math.Min(bound.Errors[i], deviations * Math.Sqrt(bound.Variances[i])),
            samples is null ? 0 : sampled * Math.Sqrt(samples.MeanSquares[i]));
        for (var i = 0; i < shares.Length; i++)
        {
            var error = Math.Abs(numbers[i] - bound.Values[i]);
            var deviation = Math.Sqrt(bound.Variances[i]);
            shares[i] = Ratio(error, unit * Most(i));
            farthest = Math.Max(farthest, Ratio(error, unit * deviation));
            possible = Math.Max(possible, Ratio(error, unit * bound.Errors[i]));
            errors += error * error;
            references += bound.Values[i] * bound.Values[i];
            typical += isFloat ? bound.Variances[i] : bound.Errors[i] * bound.Errors[i];
        }

        var expected = unit * Math.Max((isFloat ? 2 + 2 / Math.Sqrt(numbers.Length) : 1) * Math.Sqrt(typical), samples?.LargestNorm ?? 0);
        var judged = new Judgement(
            Ratio(Math.Sqrt(errors), Math.Sqrt(references)),
            Math.Max(Ratio(expected, Math.Sqrt(references)), Allowance * otherError),
            farthest,
            possible <= 1,
            samples is not null,
            shares);
        return judged with { WorstBound = unit * Most(judged.Worst) };
    }

    /// <summary>
    /// The standard deviations that the largest of so many independent errors may be off by: of N normal ones, one is beyond 4 + √(2 ln N)
    /// with a chance of at most N exp(−(4 + √(2 ln N))² / 2) = exp(−8 − 4 √(2 ln N)).
    /// </summary>
    public static double Usual(int numbers) => 4 + Math.Sqrt(2 * Math.Log(numbers));

    private static double Ratio(double error, double scale) => error == 0 ? 0 : error / scale;
}

/// <summary>A tensor's numbers beside what they may be.</summary>
/// <param name="Error">‖numbers − reference‖ / ‖reference‖.</param>
/// <param name="Limit">The most that may be.</param>
/// <param name="Deviations">The most standard deviations that an element is off by.</param>
/// <param name="IsPossible">Whether roundings can do it that are all in one direction.</param>
/// <param name="IsSampled">Whether the limits are those of sampled errors, as the ones of independent roundings were passed.</param>
/// <param name="Shares">Each element's error as a share of its bound.</param>
internal sealed record Judgement(double Error, double Limit, double Deviations, bool IsPossible, bool IsSampled, double[] Shares)
{
    /// <summary>The element farthest out; one that is no number, if there is one.</summary>
    public int Worst { get; } = Array.FindIndex(Shares, double.IsNaN) is >= 0 and var nan ? nan : Array.IndexOf(Shares, Shares.Max());

    /// <summary>Its share.</summary>
    public double WorstShare => Shares[Worst];

    /// <summary>How far off it may be.</summary>
    public double WorstBound { get; init; }

    /// <summary>Whether rounding explains all errors.</summary>
    public bool Holds => Error <= Limit && WorstShare <= 1;
}
