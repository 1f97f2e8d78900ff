using Backprop.Audit.Bounds;

namespace Backprop.Audit;

/// <summary>When a tensor's numbers are as near to the reference as rounding explains.</summary>
/// <remarks>
/// 1. Its norm: ‖numbers − reference‖ / ‖reference‖ is at most 2 + 2/√N times what independent roundings give for its N numbers
/// (<see cref="Bounded.Spread"/>), or four times the other library's own error, whichever is more.
/// 2. Every element: its error is at most what roundings all in one direction give (<see cref="Bounded.Error"/>), and at most
/// 4 + √(2 ln N) of its standard deviations, or four times as many as the other library's worst element needs. The largest of N normal
/// numbers is about √(2 ln N) of them; that roundings are not quite independent, the other library shows too.
/// </remarks>
internal static class Criteria
{
    private const double Allowance = 4;

    /// <summary>Judges a tensor's numbers.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <param name="bound">The reference, and how far each may be off.</param>
    /// <param name="unit">The roundoff of the precision.</param>
    /// <param name="other">The other library's numbers judged; null if there are none.</param>
    public static Judgement Judge(double[] numbers, BoundedTensor bound, double unit, Judgement? other = null)
    {
        var shares = new double[numbers.Length];
        var (errors, references, typical, farthest, possible) = (0.0, 0.0, 0.0, 0.0, 0.0);
        // What is no number excuses nothing.
        var (otherError, otherDeviations) = other is not null && double.IsFinite(other.Error) && double.IsFinite(other.Deviations) ? (other.Error, other.Deviations) : (0, 0);
        var deviations = Math.Max(4 + Math.Sqrt(2 * Math.Log(numbers.Length)), Allowance * otherDeviations);
        for (var i = 0; i < shares.Length; i++)
        {
            var error = Math.Abs(numbers[i] - bound.Values[i]);
            var deviation = Math.Sqrt(bound.Spreads[i]);
            shares[i] = Ratio(error, unit * Math.Min(bound.Errors[i], deviations * deviation));
            farthest = Math.Max(farthest, Ratio(error, unit * deviation));
            possible = Math.Max(possible, Ratio(error, unit * bound.Errors[i]));
            errors += error * error;
            references += bound.Values[i] * bound.Values[i];
            typical += bound.Spreads[i];
        }

        var expected = unit * (2 + 2 / Math.Sqrt(numbers.Length)) * Math.Sqrt(typical);
        return new(
            Ratio(Math.Sqrt(errors), Math.Sqrt(references)),
            Math.Max(Ratio(expected, Math.Sqrt(references)), Allowance * otherError),
            farthest,
            possible,
            shares);
    }

    private static double Ratio(double error, double scale) => error == 0 ? 0 : error / scale;
}

/// <summary>A tensor's numbers beside what they may be.</summary>
/// <param name="Error">‖numbers − reference‖ / ‖reference‖.</param>
/// <param name="Limit">The most that may be.</param>
/// <param name="Deviations">The most standard deviations that an element is off by.</param>
/// <param name="Possible">The largest error as a share of what roundings all in one direction give, however they depend on each other.</param>
/// <param name="Shares">Each element's error as a share of its bound.</param>
internal sealed record Judgement(double Error, double Limit, double Deviations, double Possible, double[] Shares)
{
    /// <summary>The element farthest out; one that is no number, if there is one.</summary>
    public int Worst { get; } = Array.FindIndex(Shares, double.IsNaN) is >= 0 and var nan ? nan : Array.IndexOf(Shares, Shares.Max());

    /// <summary>Its share.</summary>
    public double WorstShare => Shares[Worst];

    /// <summary>Whether rounding explains all errors.</summary>
    public bool Holds => Error <= Limit && WorstShare <= 1;
}
