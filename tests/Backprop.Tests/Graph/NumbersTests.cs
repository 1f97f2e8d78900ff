using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Planning;

namespace Backprop.Tests.Graph;

/// <summary>What a graph says when something does not fit.</summary>
public class NumbersTests
{
    private static readonly Node X = Node.Input("x", 2);
    private static readonly Node W = Node.Parameter("w", 2, 3);

    [Fact]
    public void BatchesMayGrowAndShrink()
    {
        using var numbers = new Numbers<float> { [W] = new float[,] { { 1, 2, 3 }, { 4, 5, 6 } }, [X] = new float[,] { { 1, 1 } } };
        var y = X.Times(W);
        Assert.Equal(new float[,] { { 5, 7, 9 } }, numbers.Value(y));
        numbers[X] = new float[,] { { 1, 0 }, { 0, 1 }, { 2, 0 } };
        Assert.Equal(new float[,] { { 1, 2, 3 }, { 4, 5, 6 }, { 2, 4, 6 } }, numbers.Value(y));
        numbers.Fill(X, 2);
        Assert.Equal(new float[,] { { 10, 14, 18 } }, numbers.Value(y));
    }

    [Fact]
    public void ShapesThatDoNotFitNameTheNodes()
    {
        var error = Assert.Throws<ArgumentException>(() => W.Times(X));
        Assert.Equal("Product takes m × k and k × n, not 2 × 3 and batch × 2. Correct the shapes. (Product of w, x.)", error.Message);
        error = Assert.Throws<ArgumentException>(() => W + Node.Parameter("b", 1, 2));
        Assert.Contains("of w, b", error.Message);
    }

    [Fact]
    public void MatricesHaveARowAndAColumn()
        => Assert.Equal(
            "w would be a matrix of 0 × 3. Give it 1 row and 1 column at least.", Assert.Throws<ArgumentException>(() => Node.Parameter("w", 0, 3)).Message);

    [Fact]
    public void MissingNumbersAreNamed()
    {
        using var numbers = new Numbers<double> { [X] = new double[,] { { 1, 2 } } };
        Assert.Equal("w (2 × 3) has no numbers. Set them before asking for what is computed from it.",
            Assert.Throws<ArgumentException>(() => numbers.Value(X.Times(W))).Message);
    }

    [Fact]
    public void NumbersOfAnotherSizeAreRefused()
    {
        using var numbers = new Numbers<double>();
        Assert.Equal("3 × 2 numbers do not fit w (2 × 3). Give as many as it has elements.",
            Assert.Throws<ArgumentException>(() => numbers[W] = new double[3, 2]).Message);
        Assert.Contains("takes no numbers", Assert.Throws<ArgumentException>(() => numbers[X.Times(W)] = new double[1, 3]).Message);
        numbers[X] = new double[4, 2];
        var t = Node.Input("t", 2);
        numbers[t] = new double[3, 2];
        Assert.Equal("t (batch × 2) has 3 rows and x (batch × 2) has 4. Give all inputs as many.",
            Assert.Throws<ArgumentException>(() => numbers.Value(X + t)).Message);
    }

    [Fact]
    public void ATargetWithoutInfluenceIsAnErrorOrZero()
    {
        var loss = W.Sum();
        Assert.Contains("does not depend on x (batch × 2)", Assert.Throws<ArgumentException>(() => Gradient.Build(loss, [X])).Message);
        using var numbers = new Numbers<double>();
        numbers.Fill(W, 1);
        numbers[X] = new double[4, 2];
        Assert.Equal(new double[4, 2], numbers.Gradients(loss, [X], zeros: true)[0]);
    }

    [Fact]
    public void OnlyScalarsAreDifferentiated()
        => Assert.Contains("is not a scalar", Assert.Throws<ArgumentException>(() => Gradient.Build(X.Times(W), [W])).Message);

    [Fact]
    public void LossesTakeNumbersToo()
    {
        var (t, z) = (Node.Input("t", 1), X.Times(W).Named("z"));
        using var numbers = new Numbers<double> { [X] = new double[,] { { 1, 2 }, { 0, 1 } }, [W] = new double[2, 3], [t] = new double[,] { { 2 }, { 0 } } };
        var loss = Node.CrossEntropy(z, t);
        Assert.Equal(Math.Log(3), numbers.Scalar(loss), 1e-15);
        // ∂ℓ/∂W = ½ Xᵀ (⅓ − onehot).
        var expected = new[,] { { 1 / 6.0, 1 / 6.0, -1 / 3.0 }, { 0, 0.5, -0.5 } };
        foreach (var (e, a) in expected.Cast<double>().Zip(numbers.Gradients(loss, [W])[0].Cast<double>()))
        {
            Assert.Equal(e, a, 1e-15);
        }

        Assert.Equal(0.5, numbers.Scalar(Node.MeanLoss(Loss.Of(new SquaredError()), X.Columns(0, 1), Node.Constant(0, new(Shape.Batch, 1)))));
        numbers[t] = new double[,] { { 2 }, { 3 } };
        Assert.Equal("Row 1 of the batch has category 3 in column 0 of t, but z has categories 0 to 2. Correct the row, or give z more.",
            Assert.Throws<ArgumentException>(() => numbers.Gradients(loss, [W])).Message);
    }

    [Fact]
    public void AMatrixTooLargeIsNamed()
    {
        using var numbers = new Numbers<float>();
        var column = Node.Parameter("column", 1 << 16, 1);
        numbers.Fill(column, 1);
        var error = Assert.Throws<ArgumentException>(() => numbers.Value((column + Node.Constant(1, new(1, 1 << 16))).Sum()));
        Assert.StartsWith("Addition (65536 × 65536) would have more than", error.Message);
    }

    [Fact]
    public void AMatrixOfDerivativesTooLargeIsRefusedBeforeItIsMade()
    {
        using var numbers = new Numbers<float>();
        var row = Node.Parameter("row", 1, 100_000);
        numbers.Fill(row, 1);
        const string Reason = "A matrix of 100000 × 100000 derivatives would have more than 536870912 elements. Ask for its product with a vector.";
        Assert.Equal(Reason, Assert.Throws<ArgumentException>(() => numbers.Jacobian(row * row, row)).Message);
        Assert.Equal(Reason, Assert.Throws<ArgumentException>(() => numbers.Hessian((row * row).Sum(), row)).Message);
    }

    [Fact]
    public void WhatLastsHasRowsOfItsOwn()
    {
        Assert.Contains("lasts from batch to batch", Assert.Throws<ArgumentException>(() => Node.Parameter("p", Shape.Batch, 3)).Message);
        Assert.Contains("lasts from batch to batch", Assert.Throws<ArgumentException>(() => Node.State("s", Shape.Batch, 3)).Message);
    }

    [Fact]
    public void SumsKeepARowOrColumnOrAddAllUp()
        => Assert.StartsWith(
            "m (3 × 4) cannot be added up to 2 × 4.", Assert.Throws<ArgumentException>(() => Node.Parameter("m", 3, 4).SumTo(new(2, 4))).Message);

    [Fact]
    public void ALeafIsNamedWhereItIsMade()
        => Assert.Contains("Name it where it is made", Assert.Throws<InvalidOperationException>(() => W.Named("v")).Message);

    [Fact]
    public void ARuleOfAnotherShapeIsFound()
    {
        var y = Node.Of(new WrongShape(), W);
        Assert.Contains("WrongShape's Bprop gave", Assert.Throws<InvalidOperationException>(() => Gradient.Build(y.Sum(), [W])).Message);
    }

    private sealed class WrongShape : CustomOp
    {
        public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

        public override Node Bprop(Node node, int input, Node gradient) => gradient.Sum();

        public override void Run<T>(Operands<T> inputs, Matrix<T> result) => result[0, 0] = inputs[0][0, 0];
    }
}
