using System.Numerics;

namespace Backprop.Models;

/// <content>Gradients integrated along a straight path. Sundararajan, Taly and Yan (2017).</content>
public sealed partial class InputGradients<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Points of the path, if nothing else is said: what one run of the plan takes.</summary>
    public const int DefaultPoints = 64;

    private volatile GaussLegendre lastRule = GaussLegendre.Of(DefaultPoints);

    /// <summary>
    /// (x − x′) · ∫₀¹ ∂F(x′ + α (x − x′))/∂x dα: what each feature of a row x contributes to the output F compared with a baseline x′.
    /// The contributions add up to F(x) − F(x′).
    /// </summary>
    /// <remarks>
    /// <para>
    /// The integral is Gauss and Legendre's. Where F is smooth its error falls exponentially with the number of points; where the derivative
    /// of F along the path jumps, as with ReLU, the contributions' sum misses F(x) − F(x′) by at most V · Δ: V is that derivative's total
    /// variation and Δ the largest distance between neighbouring points, about π/2 over their number. To that comes the rounding of F.
    /// Sums are in double.
    /// </para>
    /// <para>
    /// A column of <see cref="CategoryColumns"/> keeps the row's category along the whole path, since between two categories there is none:
    /// it contributes 0, and F(x′) is the output of the baseline with the row's categories. So does a feature that the row lacks.
    /// </para>
    /// </remarks>
    /// <param name="features">rows × inputs, row-major.</param>
    /// <param name="explained">The output, from 0, of each row; or one for all.</param>
    /// <param name="attributions">rows × inputs, row-major.</param>
    /// <param name="baseline">x′, a number for each input; empty for zeros, the mean of features that are normalised so.</param>
    /// <param name="points">Points of the path, from 1 to 4096.</param>
    /// <param name="gaps">Filled, unless empty, for each row: the contributions' sum minus F(x) − F(x′), which tells whether the points suffice.</param>
    /// <param name="threads">As for <see cref="Gradients"/>.</param>
    /// <exception cref="ArgumentException">
    /// The lengths do not fit, a number of the baseline is not finite, there is no such output, or points or threads are too few or too many.
    /// </exception>
    public void IntegratedGradients(
        ReadOnlySpan<T> features,
        ReadOnlySpan<int> explained,
        Span<T> attributions,
        ReadOnlySpan<T> baseline = default,
        int points = DefaultPoints,
        Span<double> gaps = default,
        int threads = 0)
    {
        var rows = Check(features, explained, attributions);
        CheckPath(baseline, points, gaps, rows);
        var rule = lastRule.Points.Length == points ? lastRule : lastRule = GaussLegendre.Of(points);
        var paths = new Paths(rule, features, explained, attributions, baseline, gaps);
        var useful = Math.Min(rows, Network.ThreadsFor((long)PassesOfAGradient * rows * points, threads));
        if (useful > 1)
        {
            OnThreads(paths, rows, useful);
        }
        else
        {
            Here(paths, rows);
        }
    }

    private unsafe void OnThreads(Paths paths, int rows, int threads)
    {
        var (rule, outputs, begins, misses) = (paths.Rule, paths.Explained.Length, paths.Baseline.Length, paths.Gaps.Length);
        fixed (T* features = paths.Features, attributions = paths.Attributions, baseline = paths.Baseline)
        fixed (int* explained = paths.Explained)
        fixed (double* gaps = paths.Gaps)
        {
            var (source, chosen, target, origin, missed) = ((nint)features, (nint)explained, (nint)attributions, (nint)baseline, (nint)gaps);
            RowShares.Run(rows, threads, tile: 1, most: 1, (row, count) => Here(
                new(
                    rule,
                    new((T*)source + (nint)row * inputs, inputs),
                    new((int*)chosen + (outputs == 1 ? 0 : row), 1),
                    new((T*)target + (nint)row * inputs, inputs),
                    new((T*)origin, begins),
                    misses == 0 ? [] : new((double*)missed + row, 1)),
                count));
        }
    }

    private void Here(Paths paths, int rows)
    {
        var pass = passes.Take();
        var baseline = paths.Baseline;
        for (var row = 0; row < rows; row++)
        {
            var x = paths.Features.Slice(row * inputs, inputs);
            var into = paths.Attributions.Slice(row * inputs, inputs);
            var output = OutputOf(paths.Explained, row);
            Integrate(pass, paths.Rule, x, baseline, output);
            var sum = 0.0;
            for (var i = 0; i < inputs; i++)
            {
                var contribution = IsFixed(x, i) ? 0 : double.CreateTruncating(x[i] - From(baseline, i)) * pass.Sums[i];
                into[i] = T.CreateTruncating(contribution);
                sum += contribution;
            }

            if (paths.Gaps.Length > 0)
            {
                paths.Gaps[row] = sum - Difference(pass, x, baseline, output);
            }
        }

        passes.Return(pass);
    }

    /// <summary>Fills a pass's sums with the gradient's mean along the path.</summary>
    private void Integrate(Pass pass, GaussLegendre rule, ReadOnlySpan<T> x, ReadOnlySpan<T> baseline, int output)
    {
        pass.Sums.AsSpan().Clear();
        for (var first = 0; first < rule.Points.Length; first += BatchRows)
        {
            var count = Math.Min(BatchRows, rule.Points.Length - first);
            for (var k = 0; k < count; k++)
            {
                SetPoint(pass, k, T.CreateTruncating(rule.Points[first + k]), x, baseline, output);
            }

            pass.Run(count);
            for (var k = 0; k < count; k++)
            {
                pass.GetGradient(k, pass.Point);
                for (var i = 0; i < inputs; i++)
                {
                    pass.Sums[i] += rule.Weights[first + k] * double.CreateTruncating(pass.Point[i]);
                }
            }
        }
    }

    /// <summary>F(x) − F(x′).</summary>
    private double Difference(Pass pass, ReadOnlySpan<T> x, ReadOnlySpan<T> baseline, int output)
    {
        SetPoint(pass, 0, T.Zero, x, baseline, output);
        pass.Set(1, x, output);
        pass.Run(2);
        return pass.Value(1) - pass.Value(0);
    }

    /// <summary>Writes x′ + α (x − x′).</summary>
    private void SetPoint(Pass pass, int row, T alpha, ReadOnlySpan<T> x, ReadOnlySpan<T> baseline, int output)
    {
        for (var i = 0; i < inputs; i++)
        {
            pass.Point[i] = IsFixed(x, i) ? x[i] : From(baseline, i) + alpha * (x[i] - From(baseline, i));
        }

        pass.Set(row, pass.Point, output);
    }

    /// <summary>Whether an input stays as it is along the path: a category, or a missing value.</summary>
    private bool IsFixed(ReadOnlySpan<T> x, int input) => isCategory[input] || IsMissing(x[input], input);

    private static T From(ReadOnlySpan<T> baseline, int input) => baseline.IsEmpty ? T.Zero : baseline[input];

    private void CheckPath(ReadOnlySpan<T> baseline, int points, ReadOnlySpan<double> gaps, int rows)
    {
        if (!baseline.IsEmpty && baseline.Length != inputs)
        {
            throw new ArgumentException($"The baseline has {baseline.Length} numbers but the network {Network.Model} takes {inputs} features. "
                + "Give one for each, or none for zeros.");
        }

        for (var i = 0; i < baseline.Length; i++)
        {
            if (!T.IsFinite(baseline[i]))
            {
                throw new ArgumentException($"The baseline is {baseline[i]} in column {i}, not a finite number. Correct it.");
            }
        }

        if (points is < 1 or > GaussLegendre.MostPoints)
        {
            throw new ArgumentException($"A path of {points} points cannot be integrated along. Give from 1 to {GaussLegendre.MostPoints}.");
        }

        if (gaps.Length != 0 && gaps.Length != rows)
        {
            throw new ArgumentException($"{gaps.Length} gaps do not fit {rows} rows. Give room for one a row, or none.");
        }
    }

    /// <summary>What is integrated, and where results go.</summary>
    private readonly ref struct Paths(
        GaussLegendre rule, ReadOnlySpan<T> features, ReadOnlySpan<int> explained, Span<T> attributions, ReadOnlySpan<T> baseline, Span<double> gaps)
    {
        public readonly GaussLegendre Rule = rule;
        public readonly ReadOnlySpan<T> Features = features;
        public readonly ReadOnlySpan<int> Explained = explained;
        public readonly Span<T> Attributions = attributions;
        public readonly ReadOnlySpan<T> Baseline = baseline;
        public readonly Span<double> Gaps = gaps;
    }
}
