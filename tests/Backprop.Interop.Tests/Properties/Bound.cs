using Backprop.Audit.Bounds;

namespace Backprop.Interop.Tests.Properties;

/// <summary>Compares numbers of two libraries by what rounding allows.</summary>
internal static class Bound
{
    /// <summary>Each of two libraries errs, by formulas that may take twice as many operations.</summary>
    public const double Both = 4;

    /// <summary>Holds each difference to its bound.</summary>
    /// <exception cref="Xunit.Sdk.XunitException">One is larger.</exception>
    public static Comparison Compare(
        ReadOnlySpan<double> ours, ReadOnlySpan<double> theirs, ReadOnlySpan<double> exact, ReadOnlySpan<double> errors, double unit, Func<string> where)
    {
        Assert.Equal(exact.Length, ours.Length);
        Assert.Equal(exact.Length, theirs.Length);
        var (worst, largest, loosest) = (0.0, 0.0, 0.0);
        for (var i = 0; i < ours.Length; i++)
        {
            var bound = Both * unit * errors[i];
            var difference = Math.Abs(ours[i] - theirs[i]);
            if (!(difference <= bound))
            {
                Assert.Fail($"{where()}, number {i}: ours {ours[i]:R}, theirs {theirs[i]:R}, by plain loops {exact[i]:R}; "
                    + $"they differ by {difference:G3}, and rounding explains {bound:G3}");
            }

            (largest, loosest) = (Math.Max(largest, Math.Abs(theirs[i])), Math.Max(loosest, bound));
            worst = difference > 0 ? Math.Max(worst, difference / bound) : worst;
        }

        return new(worst, largest > 0 ? loosest / largest : 0);
    }

    /// <inheritdoc cref="Compare(ReadOnlySpan{double}, ReadOnlySpan{double}, ReadOnlySpan{double}, ReadOnlySpan{double}, double, Func{string})"/>
    public static Comparison Compare(ReadOnlySpan<double> ours, ReadOnlySpan<double> theirs, BoundedMatrix exact, double unit, Func<string> where)
        => Compare(ours, theirs, exact.Values, exact.Errors, unit, where);

    /// <summary>The largest difference, as a share of its bound.</summary>
    public static double Worst(ReadOnlySpan<double> ours, ReadOnlySpan<double> theirs, BoundedMatrix exact, double unit)
    {
        ReadOnlySpan<double> errors = exact.Errors;
        var worst = 0.0;
        for (var i = 0; i < ours.Length; i++)
        {
            var difference = Math.Abs(ours[i] - theirs[i]);
            worst = difference == 0 ? worst : Math.Max(worst, difference / (Both * unit * errors[i]));
        }

        return worst;
    }

    /// <summary>Holds each difference to half of the digits of the tensor's largest number.</summary>
    /// <exception cref="Xunit.Sdk.XunitException">One is larger.</exception>
    public static void CompareRoughly(ReadOnlySpan<double> ours, ReadOnlySpan<double> theirs, BoundedMatrix exact, Func<string> where)
    {
        double[] errors = [.. Enumerable.Repeat(exact.Errors!.Max(), ours.Length)];
        Compare(ours, theirs, exact.Values, errors, Math.Sqrt(Bounded.Double), where);
    }
}
