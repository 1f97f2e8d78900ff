using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Models;

/// <summary>Sparse matrices are checked at the door, tables of them are tables, and their rows score like rows written out.</summary>
public class SparseMatrixTests
{
    public static TheoryData<string, int, int[], int[], int> Wrong => new()
    {
        { "-1 rows of 3 columns are not a matrix. Give no negative number of rows, and 1 column at least.", -1, [0], [], 0 },
        { "0 row starts do not divide 1 values into 2 rows. Give 3 starts, from 0 to 1.", 2, [], [0], 1 },
        { "2 row starts from 0 to 1 do not divide 1 values into 2 rows. Give 3 starts, from 0 to 1.", 2, [0, 1], [0], 1 },
        { "3 row starts from 1 to 2 do not divide 2 values into 2 rows. Give 3 starts, from 0 to 2.", 2, [1, 1, 2], [0, 1], 2 },
        { "3 row starts from 0 to 1 do not divide 2 values into 2 rows. Give 3 starts, from 0 to 2.", 2, [0, 1, 1], [0, 1], 2 },
        { "Row 1 goes from 2 to 1 of 2 values. Give ascending row starts from 0 to 2.", 3, [0, 2, 1, 2], [0, 1], 2 },
        { "Row 0 goes from 0 to 3 of 2 values. Give ascending row starts from 0 to 2.", 2, [0, 3, 2], [0, 1], 2 },
        { "1 column indices do not fit 2 values. Give one for each.", 1, [0, 2], [0], 2 },
        { "Row 0 has column 3, outside 0 to 2. Correct the index, or the number of columns.", 1, [0, 1], [3], 1 },
        { "Row 1 has column -1, outside 0 to 2. Correct the index, or the number of columns.", 2, [0, 1, 2], [0, -1], 2 },
        { "Row 0 has column 1 after column 2. Sort each row's columns, and name each once.", 1, [0, 2], [2, 1], 2 },
        { "Row 0 has column 1 after column 1. Sort each row's columns, and name each once.", 1, [0, 2], [1, 1], 2 },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void WrongMatricesAreRefused(string message, int rows, int[] starts, int[] columns, int values)
        => Assert.Equal(message, Assert.Throws<ArgumentException>(() => new SparseMatrix<float>(rows, 3, starts, columns, new float[values])).Message);

    [Fact]
    public void ATableOfASparseMatrixIsATable()
    {
        var table = new Examples<float>(new SparseMatrix<float>(2, 3, [0, 2, 3], [0, 2, 1], [1, 2, 3]), [5, 6]);
        Assert.Equal((2, 3, 1), (table.Rows, table.FeatureColumns, table.TargetColumns));
        var row = new float[3];
        table.CopyFeaturesTo(0, row);
        Assert.Equal([1f, 0, 2], row);
        Assert.Equal([1.0, 2, 3], table.To<double>().SparseFeatures!.Values.ToArray());
        Assert.Equal(
            "The features are sparse. Read SparseFeatures, or CopyFeaturesTo row by row.", Assert.Throws<InvalidOperationException>(() => table.Features).Message);
        Assert.Equal(
            "1 targets and 2 weights do not make 2 whole rows. Correct the lengths.",
            Assert.Throws<ArgumentException>(() => new Examples<float>(table.SparseFeatures!, [1])).Message);
        Assert.Equal(
            "A table of 0 rows holds no example. Give 1 at least.",
            Assert.Throws<ArgumentException>(() => new Examples<float>(new SparseMatrix<float>(0, 3, [0], [], []), [])).Message);
    }

    [Fact]
    public void ANumberNothingCanBeLearnedFromIsFound()
    {
        var table = new Examples<float>(new SparseMatrix<float>(3, 4, [0, 1, 1, 3], [0, 1, 3], [1, 2, float.NaN]), [5, 6, 7]);
        var error = Assert.Throws<ArgumentException>(() => Trainer.Fit(Head.Regression, 1, table, new()));
        Assert.Equal("Feature 3 of training row 2 is NaN, not finite. Leave the row out, or replace the value.", error.Message);
    }

    [Theory, MemberData(nameof(Catalogue.HeadsAndActivations), MemberType = typeof(Catalogue))]
    public void SparseRowsScoreLikeRowsWrittenOut(string head, string activation)
    {
        var mlp = Catalogue.Network("300-20", head, activation);
        var network = new Network<float>(Initializers.Default<float>(mlp, 3));
        var (sparse, dense) = SparseTables.Of<float>(mlp, 150, 7);
        var (expected, scores, alone) = (new float[150 * mlp.Outputs], new float[150 * mlp.Outputs], new float[mlp.Outputs]);
        network.Score(dense.Features, expected);
        var matrix = sparse.SparseFeatures!;
        network.Score(matrix, scores);
        Assert.Equal(expected, scores);
        for (var row = 0; row < 150; row++)
        {
            // A row where it lies among the others, also when many threads ask.
            network.Score(matrix.RowStarts.Slice(row, 2), matrix.ColumnIndices, matrix.Values, alone);
            Assert.Equal(expected[(row * mlp.Outputs)..((row + 1) * mlp.Outputs)], alone);
        }

        Parallel.For(0, 16, _ =>
        {
            var own = new float[150 * mlp.Outputs];
            network.Score(matrix, own);
            Assert.Equal(expected, own);
        });
    }

    [Fact]
    public void ScoringSparseRowsAllocatesNothing()
    {
        var mlp = Catalogue.Network("300-20", "multiclass", "relu");
        var network = new Network<float>(Initializers.Default<float>(mlp, 3));
        var (matrix, scores) = (SparseTables.Of<float>(mlp, 150, 7).Sparse.SparseFeatures!, new float[150 * mlp.Outputs]);
        network.Score(matrix, scores);
        Assert.Equal(0, Allocations.Of(() => network.Score(matrix, scores)));
    }

    [Fact]
    public void ASparseRowWithNaNScoresNaNAndItsNeighboursDoNot()
    {
        var mlp = Catalogue.Network("9-5", "binary", "relu");
        var scores = new float[3];
        new Network<float>(Initializers.Default<float>(mlp, 3)).Score(new SparseMatrix<float>(3, 9, [0, 1, 2, 3], [1, 4, 8], [1, float.NaN, 2]), scores);
        Assert.Equal([false, true, false], scores.Select(float.IsNaN));
    }

    [Fact]
    public void SparseRowsThatDoNotFitAreRefused()
    {
        var network = new Network<float>(Initializers.Default<float>(new Mlp([4, 3], Activation.Parse("relu"), Head.Multiclass), 1));
        string Error(Action score) => Assert.Throws<ArgumentException>(score).Message;
        Assert.Equal(
            "Rows of 5 features do not fit the network 4-3, which takes 4. Score what it was trained on.", Error(() => network.Score(new SparseMatrix<float>(1, 5, [0, 0], [], []), new float[3])));
        Assert.StartsWith("2 row starts and 6 scores do not fit.", Error(() => network.Score([0, 0], [], [], new float[6])));
        Assert.StartsWith("0 row starts and 0 scores do not fit.", Error(() => network.Score([], [], [], [])));
        Assert.StartsWith("Row 0 has column 4, outside 0 to 3.", Error(() => network.Score([0, 1], [4], [1], new float[3])));
        Assert.StartsWith("Row 0 goes from -1 to 1 of 1 values.", Error(() => network.Score([-1, 1], [0], [1], new float[3])));
    }
}
