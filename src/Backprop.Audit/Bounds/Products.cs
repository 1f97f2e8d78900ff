using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Audit.Bounds;

/// <summary>Products of matrices with errors, as a handful of products of plain ones.</summary>
/// <remarks>
/// With errors â, b̂, variances ã, b̃ and the factors of <see cref="SumRoundings"/>: the errors are â |B| + (|A| + u â) b̂ and, as what is
/// rounded has these errors, n (|A| + u â) (|B| + u b̂); the variances (ã + s A²) B² + A² b̃ + t C². Of exact numbers only the first product
/// of each is needed.
/// </remarks>
internal static class Products
{
    // Below, starting the other core costs more than it does.
    private const long WorthSharing = 1 << 21;

    /// <summary>C = A · B.</summary>
    public static void Run(BoundedMatrix a, BoundedMatrix b, BoundedMatrix result)
    {
        var (m, k, n) = (a.Rows, a.Columns, b.Columns);
        Share(m, (long)m * k * n, (row, rows) => Rows(a, b, result, new(k), row, rows));
    }

    private static void Rows(BoundedMatrix a, BoundedMatrix b, BoundedMatrix result, SumRoundings roundings, int row, int rows)
    {
        var (k, n, left) = (a.Columns, b.Columns, new double[a.Columns]);
        for (var i = row; i < row + rows; i++)
        {
            var at = new Range(i * k, (i + 1) * k);
            var to = new Range(i * n, (i + 1) * n);
            if (result.By is { } by)
            {
                by.AddProducts((a, i), b, result);
                continue;
            }

            Add<Same>(a.Values.AsSpan(at), b.Values, result.Values.AsSpan(to));
            if (result.Errors is null)
            {
                continue;
            }

            var values = a.Values.AsSpan(at);
            var errors = a.Errors.AsSpan(at);
            var its = a.Variances.AsSpan(at);
            for (var j = 0; j < k; j++)
            {
                left[j] = errors[j] + roundings.Worst * (Math.Abs(values[j]) + Bounded.Float * errors[j]);
            }

            Add<Size>(left, b.Values, result.Errors.AsSpan(to));
            for (var j = 0; j < k; j++)
            {
                left[j] = its[j] + roundings.OfSquares * values[j] * values[j];
            }

            Add<Square>(left, b.Values, result.Variances.AsSpan(to));
            if (!b.IsExact)
            {
                for (var j = 0; j < k; j++)
                {
                    left[j] = (Math.Abs(values[j]) + Bounded.Float * errors[j]) * (1 + Bounded.Float * roundings.Worst);
                }

                Add<Same>(left, b.Errors, result.Errors.AsSpan(to));
                for (var j = 0; j < k; j++)
                {
                    left[j] = values[j] * values[j];
                }

                Add<Same>(left, b.Variances, result.Variances.AsSpan(to));
            }

            var sums = result.Values.AsSpan(to);
            var worst = result.Errors.AsSpan(to);
            var variances = result.Variances.AsSpan(to);
            for (var j = 0; j < n; j++)
            {
                roundings.Finish(sums[j], ref worst[j], ref variances[j]);
            }
        }
    }

    /// <summary>sum += left · f(B), B row-major with as many columns as the sum has numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<TF>(ReadOnlySpan<double> left, ReadOnlySpan<double> b, Span<double> sum) where TF : struct, IPart
    {
        var (n, k, width) = (sum.Length, 0, Vector<double>.Count);
        for (; k <= left.Length - 4; k += 4)
        {
            double l0 = left[k], l1 = left[k + 1], l2 = left[k + 2], l3 = left[k + 3];
            if (l0 == 0 && l1 == 0 && l2 == 0 && l3 == 0)
            {
                continue;
            }

            var b0 = b.Slice(k * n, n);
            var b1 = b.Slice((k + 1) * n, n);
            var b2 = b.Slice((k + 2) * n, n);
            var b3 = b.Slice((k + 3) * n, n);
            var j = 0;
            for (; j <= n - width; j += width)
            {
                var c = new Vector<double>(sum[j..]);
                c += l0 * TF.Of(new Vector<double>(b0[j..]));
                c += l1 * TF.Of(new Vector<double>(b1[j..]));
                c += l2 * TF.Of(new Vector<double>(b2[j..]));
                c += l3 * TF.Of(new Vector<double>(b3[j..]));
                c.CopyTo(sum[j..]);
            }

            for (; j < n; j++)
            {
                sum[j] = sum[j] + l0 * TF.Of(b0[j]) + l1 * TF.Of(b1[j]) + l2 * TF.Of(b2[j]) + l3 * TF.Of(b3[j]);
            }
        }

        for (; k < left.Length; k++)
        {
            for (var j = 0; j < n; j++)
            {
                sum[j] += left[k] * TF.Of(b[k * n + j]);
            }
        }
    }

    /// <summary>Gives each core its share of the rows.</summary>
    private static void Share(int rows, long work, Action<int, int> run)
    {
        var shares = work < WorthSharing ? 1 : Math.Min(rows, Environment.ProcessorCount);
        if (shares == 1)
        {
            run(0, rows);
            return;
        }

        Parallel.For(0, shares, share =>
        {
            var (from, to) = ((int)((long)rows * share / shares), (int)((long)rows * (share + 1) / shares));
            run(from, to - from);
        });
    }

    /// <summary>What is taken of B's numbers.</summary>
    private interface IPart
    {
        static abstract Vector<double> Of(Vector<double> b);

        static abstract double Of(double b);
    }

    private readonly struct Same : IPart
    {
        public static Vector<double> Of(Vector<double> b) => b;

        public static double Of(double b) => b;
    }

    private readonly struct Size : IPart
    {
        public static Vector<double> Of(Vector<double> b) => Vector.Abs(b);

        public static double Of(double b) => Math.Abs(b);
    }

    private readonly struct Square : IPart
    {
        public static Vector<double> Of(Vector<double> b) => b * b;

        public static double Of(double b) => b * b;
    }
}
