using System.Numerics;
using Backprop.Kernels;
using Backprop.Models;

namespace Backprop.Tests.Kernels;

/// <summary>All products are, bit for bit, the documented chain: fused multiply-adds over ascending k in chunks of 128, chunk sums added in order.</summary>
public class GemmTests
{
    private static readonly (int Rows, int K, int Columns)[] Sizes =
    [
        (1, 1, 1), (2, 3, 5), (3, 31, 33), (7, 32, 16), (8, 33, 17), (13, 64, 31), (14, 127, 32), (17, 128, 40), (31, 129, 64), (67, 257, 67),
        (64, 300, 10), (65, 5, 100),
    ];

    [Theory, MemberData(nameof(Catalogue.Widths), MemberType = typeof(Catalogue))]
    public void FloatProductsAreTheDocumentedChain(int bits) => ProductsAreTheDocumentedChain<float>(bits);

    [Theory, MemberData(nameof(Catalogue.Widths), MemberType = typeof(Catalogue))]
    public void DoubleProductsAreTheDocumentedChain(int bits) => ProductsAreTheDocumentedChain<double>(bits);

    private static void ProductsAreTheDocumentedChain<T>(int bits) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var kernels = Kernels<T>.Of(bits);
        foreach (var (rows, k, columns) in Sizes)
        {
            var where = $"{rows} × {k} × {columns} at {bits} bits";
            var (a, b, bias) = (Matrix<T>(rows, k, 1), Matrix<T>(k, columns, 2), Matrix<T>(1, columns, 3));
            var product = Empty<T>(rows, columns);
            ForEachPanel(product, (panel, offset) => kernels.ProductRows(a, b, ref product.Start.At(offset), panel, 0, rows, bias));
            AssertEqual(product, (r, c) => Chain(k, i => (a[r, i], b[i, c])) + bias[0, c], $"A · B + bias, {where}");

            var (at, d) = (Matrix<T>(k, rows, 4), Matrix<T>(k, columns, 5));
            ForEachPanel(product, (panel, offset) => kernels.ProductColumns(at, d, ref product.Start.At(offset), panel, 0, rows, k));
            AssertEqual(product, (r, c) => Chain(k, i => (at[i, r], d[i, c])), $"Aᵀ · B, {where}");

            var sums = Empty<T>(1, columns);
            ForEachPanel(sums, (panel, offset) => kernels.ColumnSums(d, ref sums.Start.At(offset), panel, k));
            AssertEqual(sums, (_, c) => Chain(k, i => (T.One, d[i, c])), $"1ᵀ · B, {where}");

            var transposed = Empty<T>(columns, k);
            for (var panel = 0; panel < b.Count; panel++)
            {
                ParameterUpdate<T>.TransposeRows(b, transposed, panel, 0, k);
            }

            AssertEqual(transposed, (r, c) => b[c, r], $"Bᵀ, {where}");
        }
    }

    [Theory, InlineData(512), InlineData(256)]
    public void AFarRightOperandGivesTheDocumentedChain(int bits)
    {
        // 3 MiB: fetched ahead, with rows that neither divide a chunk nor are divided by it.
        var (kernels, rows, k, columns) = (Kernels<float>.Of(bits), 100, 1000, 777);
        var (a, b, product) = (Matrix<float>(rows, k, 1), Matrix<float>(k, columns, 2), Empty<float>(rows, columns));
        ForEachPanel(product, (panel, offset) => kernels.ProductRows(a, b, ref product.Start.At(offset), panel, 0, rows, null));
        foreach (var (r, c) in Enumerable.Range(0, 2000).Select(i => (i * 37 % rows, i * 101 % columns)))
        {
            var expected = Chain(k, i => (a[r, i], b[i, c]));
            Assert.True(expected.Equals(product[r, c]), $"element ({r}, {c}) at {bits} bits: {product[r, c]:R} instead of {expected:R}");
        }
    }

    [Fact]
    public void NothingOutsideTheResultIsWritten()
    {
        foreach (var bits in new[] { 512, 256, 128, 0 })
        {
            var kernels = Kernels<float>.Of(bits);
            var (a, b) = (Matrix<float>(19, 45, 1), Matrix<float>(45, 33, 2));
            var buffer = Buffers.Allocate<float>(Panels<float>.Size(19, 33) + 64);
            buffer.Buffer.AsSpan().Fill(-7);
            var result = new Panels<float>(buffer with { Offset = buffer.Offset + 32 }, 19, 33);
            ForEachPanel(result, (panel, offset) => kernels.ProductRows(a, b, ref result.Start.At(offset), panel, 0, 19, null));
            var written = new HashSet<int>();
            for (var panel = 0; panel < result.Count; panel++)
            {
                written.UnionWith(Enumerable.Range(result.Start.Offset + result.PanelOffset(panel), 19 * Panels<float>.Width));
            }

            for (var i = 0; i < buffer.Buffer.Length; i++)
            {
                Assert.True(written.Contains(i) || buffer.Buffer[i] == -7, $"element {i} was overwritten at {bits} bits");
            }
        }
    }

    /// <summary>The promise, word for word.</summary>
    private static T Chain<T>(int k, Func<int, (T A, T B)> terms) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var total = T.Zero;
        for (var from = 0; from < k; from += 128)
        {
            var sum = T.Zero;
            for (var i = from; i < Math.Min(k, from + 128); i++)
            {
                var (a, b) = terms(i);
                sum = T.FusedMultiplyAdd(a, b, sum);
            }

            total = from == 0 ? sum : total + sum;
        }

        return total;
    }

    private static void ForEachPanel<T>(Panels<T> result, Action<int, int> run) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var panel = 0; panel < result.Count; panel++)
        {
            run(panel, result.PanelOffset(panel));
        }
    }

    private static Panels<T> Empty<T>(int rows, int columns) where T : unmanaged, IFloatingPointIeee754<T>
        => new(Buffers.Allocate<T>(Panels<T>.Size(rows, columns)), rows, columns);

    private static Panels<T> Matrix<T>(int rows, int columns, long seed) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (matrix, row, random) = (Empty<T>(rows, columns), new T[columns], new TorchRandom(seed));
        for (var r = 0; r < rows; r++)
        {
            random.FillUniform<T>(row, -1, 1);
            matrix.SetRow(r, row);
        }

        return matrix;
    }

    private static void AssertEqual<T>(Panels<T> actual, Func<int, int, T> expected, string where) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var r = 0; r < actual.Rows; r++)
        {
            for (var c = 0; c < actual.Columns; c++)
            {
                Assert.True(expected(r, c).Equals(actual[r, c]), $"{where}, element ({r}, {c}): {actual[r, c]:R} instead of {expected(r, c):R}");
            }
        }
    }
}
