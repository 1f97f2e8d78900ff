using System.Numerics;
using Backprop.Formulas;
using Backprop.Kernels;

namespace Backprop.Tests.Kernels;

/// <summary>Formulas of matrices, sums of rows, distances and looked-up rows are the naive loop, bit for bit, at every size between canaries.</summary>
public class MatrixKernelTests
{
    private const int Largest = 67;

    [Theory, MemberData(nameof(Catalogue.Widths), MemberType = typeof(Catalogue))]
    public void FormulasRepeatRowsColumnsAndNumbers(int bits)
    {
        Formulas<float>(bits);
        Formulas<double>(bits);
    }

    [Theory, MemberData(nameof(Catalogue.Widths), MemberType = typeof(Catalogue))]
    public void SumsOfRowsTakeSixteenLanesAndOneTree(int bits)
    {
        Sums<float>(bits);
        Sums<double>(bits);
    }

    [Theory, MemberData(nameof(Catalogue.Widths), MemberType = typeof(Catalogue))]
    public void SquaredDistancesAreChainsInChunks(int bits)
    {
        Distances<float>(bits);
        Distances<double>(bits);
    }

    [Theory, MemberData(nameof(Catalogue.Widths), MemberType = typeof(Catalogue))]
    public void LookedUpRowsAddUpInAscendingOrder(int bits)
    {
        TableRows<float>(bits);
        TableRows<double>(bits);
    }

    [Theory, MemberData(nameof(Catalogue.Widths), MemberType = typeof(Catalogue))]
    public void LogSoftmaxIsTheLogarithmOfSoftmax(int bits)
    {
        var kernels = Kernels<double>.Of(bits);
        for (var n = 1; n <= Largest; n++)
        {
            var (z, y) = (new Fenced<double>(18, n, 1), new Fenced<double>(18, n, 2));
            kernels.LogSoftmax(z.Panels, y.Panels, 1, 17);
            y.AssertFence($"log-softmax of {n} columns at {bits} bits");
            for (var row = 1; row < 18; row++)
            {
                var log = Math.Log(Enumerable.Range(0, n).Sum(c => Math.Exp(z[row, c])));
                // Logits up to 1, their sum's logarithm below 6, n + 4 roundings.
                Assert.All(Enumerable.Range(0, n), c => Assert.Equal(z[row, c] - log, y[row, c], 6 * (n + 4) * 2.3e-16));
            }
        }
    }

    [Fact]
    public void LogSoftmaxIsExactWhereSoftmaxUnderflows()
    {
        var (z, y) = (new Fenced<double>(1, 2, 1), new Fenced<double>(1, 2, 2));
        z.Panels.SetRow(0, [0, -1e4]);
        Kernels<double>.Of(null).LogSoftmax(z.Panels, y.Panels, 0, 1);
        Assert.Equal((0, -1e4), (y[0, 0], y[0, 1]));
    }

    private static void Formulas<T>(int bits) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var kernels = Kernels<T>.Of(bits);
        for (var n = 1; n <= Largest; n++)
        {
            foreach (var (rows, columns) in new[] { (n, 3), (2, n), (n, 33) })
            {
                foreach (var kinds in Enumerable.Range(0, 64).Where(k => n < 3 || k % 21 == 0))
                {
                    Fenced<T> Operand(int i) => new((kinds >> 2 * i & 1) == 0 ? rows : 1, (kinds >> 2 * i & 2) == 0 ? columns : 1, i + 1);
                    var (a, b, c, y) = (Operand(0), Operand(1), Operand(2), new Fenced<T>(rows, columns, 4));
                    var kernel = kernels.Map(new Primitives.MultiplyAdd(), [a.Panels, b.Panels, c.Panels], y.Panels);
                    for (var panel = 0; panel < y.Panels.Count; panel++)
                    {
                        kernel.Run(panel, 1, rows - 1);
                        kernel.Run(panel, 0, 1);
                    }

                    AssertEqual(y, (r, j) => T.FusedMultiplyAdd(At(a, r, j), At(b, r, j), At(c, r, j)), $"{typeof(T).Name}, {rows} × {columns}, "
                        + $"operands {kinds:B6} at {bits} bits");
                }
            }
        }
    }

    private static void Sums<T>(int bits) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var n = 1; n <= Largest; n++)
        {
            var (a, sums) = (new Fenced<T>(3, n, 1), new Fenced<T>(3, 1, 2));
            Kernels<T>.Of(bits).RowSums(a.Panels, sums.Panels, 0, 3);
            AssertEqual(sums, (r, _) => Tree(Enumerable.Range(0, n).Select(c => a[r, c])), $"{typeof(T).Name}, {n} columns at {bits} bits");
        }
    }

    private static T Tree<T>(IEnumerable<T> terms) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var lanes = new T[16];
        foreach (var (i, term) in terms.Index())
        {
            lanes[i % 16] += term;
        }

        for (var half = 8; half > 0; half /= 2)
        {
            for (var i = 0; i < half; i++)
            {
                lanes[i] += lanes[i + half];
            }
        }

        return lanes[0];
    }

    private static void Distances<T>(int bits) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var n = 1; n <= Largest; n++)
        {
            foreach (var (k, columns) in new[] { (n, 3), (5, n), (120 + n, 2) })
            {
                var (x, w, y) = (new Fenced<T>(3, k, 1), new Fenced<T>(k, columns, 2), new Fenced<T>(3, columns, 3));
                for (var panel = 0; panel < y.Panels.Count; panel++)
                {
                    Kernels<T>.Of(bits).SquaredDistances(x.Panels, w.Panels, y.Panels, panel, 0, 3);
                }

                T Chain(int r, int c, int from) => Enumerable.Range(from, Math.Min(128, k - from))
                    .Aggregate(T.Zero, (sum, i) => T.FusedMultiplyAdd(x[r, i] - w[i, c], x[r, i] - w[i, c], sum));
                AssertEqual(y, (r, c) => k > 128 ? Chain(r, c, 0) + Chain(r, c, 128) : Chain(r, c, 0), $"{typeof(T).Name}, {k} × {columns} at {bits} bits");
            }
        }
    }

    private static void TableRows<T>(int bits) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var n = 1; n <= Largest; n++)
        {
            var (index, gradient, table) = (new Fenced<T>(9, 1, 1), new Fenced<T>(9, n, 2), new Fenced<T>(4, n, 3));
            for (var r = 0; r < 9; r++)
            {
                index.Panels[r, 0] = T.CreateTruncating(r * r % 3);
            }

            for (var panel = 0; panel < table.Panels.Count; panel++)
            {
                Kernels<T>.Of(bits).AddTableRows(index.Panels, gradient.Panels, table.Panels, panel, 9);
            }

            AssertEqual(
                table,
                (row, c) => Enumerable.Range(0, 9).Where(r => r * r % 3 == row).Aggregate(T.Zero, (sum, r) => sum + gradient[r, c]),
                $"{typeof(T).Name}, {n} columns at {bits} bits");
        }
    }

    private static T At<T>(Fenced<T> operand, int row, int column) where T : unmanaged, IFloatingPointIeee754<T>
        => operand[operand.Panels.Rows == 1 ? 0 : row, operand.Panels.Columns == 1 ? 0 : column];

    private static void AssertEqual<T>(Fenced<T> actual, Func<int, int, T> expected, string where) where T : unmanaged, IFloatingPointIeee754<T>
    {
        actual.AssertFence(where);
        for (var r = 0; r < actual.Panels.Rows; r++)
        {
            for (var c = 0; c < actual.Panels.Columns; c++)
            {
                var value = expected(r, c);
                Assert.True(value.Equals(actual[r, c]), $"{where}, element ({r}, {c}): {actual[r, c]:R} instead of {value:R}");
            }
        }
    }
}
