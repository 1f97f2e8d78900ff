using Backprop.Graph;
using Backprop.Kernels;
using Backprop.Models;

namespace Backprop.Tests.Kernels;

/// <summary>A sparse row's product, a batch by columns, and how much work they are.</summary>
public class SparseProductTests
{
    [Theory, MemberData(nameof(Catalogue.Widths), MemberType = typeof(Catalogue))]
    public void OnlyTheRowsPanelIsWritten(int bits)
    {
        var (b, row) = (Zeros(300, 70), Buffers.Allocate<float>(3 * 32));
        row.Buffer.AsSpan().Fill(-7);
        Kernels<float>.Of(bits).SparseProductRow(new([3, 299], [1, 2]), b, ref row.At(32), 1, null);
        for (var i = 0; i < 96; i++)
        {
            Assert.Equal(i is >= 32 and < 64 ? 0 : -7, row.At(i));
        }
    }

    [Theory, MemberData(nameof(Catalogue.Widths), MemberType = typeof(Catalogue))]
    public void AChainThatUnderflowsIsTheOneExceptionToEqualBits(int bits)
    {
        // 1e-30 · −1e-30 rounds to −0, which the dense product keeps when nothing but −0 is added, and the sparse one does not.
        var (kernels, a, b) = (Kernels<float>.Of(bits), Zeros(1, 2), Zeros(2, 1));
        (a[0, 0], b[0, 0], b[1, 0]) = (1e-30f, -1e-30f, -1);
        var (dense, sparse) = (Zeros(1, 1), Zeros(1, 1));
        kernels.ProductRows(a, b, ref dense.Start.At(0), 0, 0, 1, null);
        kernels.SparseProductRow(new([0], [1e-30f]), b, ref sparse.Start.At(0), 0, null);
        Assert.Equal((0f, true), (dense[0, 0], float.IsNegative(dense[0, 0])));
        Assert.Equal((0f, false), (sparse[0, 0], float.IsNegative(sparse[0, 0])));
    }

    [Fact]
    public void ABatchByColumnsHoldsEveryNonZeroOnceAndNothingOfTheBatchBefore()
    {
        var mlp = Catalogue.Network("200", "multiclass", "relu");
        var matrix = SparseTables.Of<float>(mlp, 300, 5).Sparse.SparseFeatures!;
        var batch = new SparseBatch<float>(200);
        var columns = new SparseColumns<float>(batch);
        // Many columns, few, none, and rows that repeat.
        int[][] chosen = [Catalogue.Rows(300), [4, 3], [0, 50], [1, 2, 1]];
        foreach (var rows in chosen)
        {
            batch.Choose(matrix.Compressed, rows);
            columns.Gather(rows.Length);
            var written = new float[rows.Length, 200];
            for (var column = 0; column < 200; column++)
            {
                var given = columns[column];
                Assert.Equal(given.Indices.ToArray().Order().Distinct(), given.Indices.ToArray());
                Assert.Equal(given.Indices.Length > 0, columns.Touched.Contains(column));
                for (var i = 0; i < given.Indices.Length; i++)
                {
                    written[given.Indices[i], column] = given.Values[i];
                }
            }

            Assert.Equal(columns.Count, columns.Touched.ToArray().Distinct().Count());
            var expected = new float[200];
            for (var row = 0; row < rows.Length; row++)
            {
                matrix.CopyTo(rows[row], expected);
                Assert.Equal(expected, Enumerable.Range(0, 200).Select(column => written[row, column]));
            }
        }
    }

    [Fact]
    public void WorkIsThatOfTheNonZerosHoweverManyColumnsThereAre()
    {
        var (narrow, wide) = (WorkOf(1_000), WorkOf(1_000_000));
        Assert.Equal(narrow, wide);
        // 3 + 1 non-zeros times 40 units, a multiplication and an addition each; 3 columns.
        Assert.Equal((320 * SparseBatch<float>.Effort, 320 * SparseBatch<float>.Effort, 3), (wide.Product, wide.Update, wide.Columns));
    }

    private static (double Product, double Update, int Columns, int Tasks, int UpdateTasks) WorkOf(int inputs)
    {
        var matrix = new SparseMatrix<float>(3, inputs, [0, 3, 3, 4], [5, 600, 999, 600], [1, 2, 3, 4]);
        var batch = new SparseBatch<float>(inputs);
        var columns = new SparseColumns<float>(batch);
        var (kernels, weight, delta) = (Kernels<float>.Of(null), new Panels<float>(default, inputs, 40), new Panels<float>(default, 3, 40));
        var product = new SparseProductStep<float>(kernels, batch, weight, delta, null, null);
        var update = new SparseUpdateStep<float>(kernels, columns, delta, null, new(kernels.Update(new Backprop.Formulas.Sgd()), weight, null, default));
        batch.Choose(matrix.Compressed, [0, 1, 2]);
        columns.Gather(3);
        return (product.Operations(3), update.Operations(3), columns.Count, product.Tasks(3), update.Tasks(3));
    }

    private static Panels<float> Zeros(int rows, int columns) => new(Buffers.Allocate<float>(Panels<float>.Size(rows, columns)), rows, columns);
}
