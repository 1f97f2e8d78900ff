using Backprop.Graph;

namespace Backprop.Audit.Mutations;

/// <summary>Operations that are written wrong. Where only gradients are made of them, they are not differentiated.</summary>
internal abstract class BrokenOperation : CustomOp
{
    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

    public override Node? Bprop(Node node, int input, Node gradient) => throw new NotSupportedException($"{Name} is not differentiated.");
}

/// <summary>A matrix whose last row, an example of the batch, counts for nothing.</summary>
internal sealed class WithoutLastRow : BrokenOperation
{
    public override void Run<T>(Operands<T> inputs, Matrix<T> result)
    {
        for (var row = 0; row < result.Rows; row++)
        {
            for (var column = 0; column < result.Columns; column++)
            {
                result[row, column] = row < result.Rows - 1 ? inputs[0][row, column] : T.Zero;
            }
        }
    }
}

/// <summary>A matrix that is changed by what this operation, against the rules, remembers of the batch before.</summary>
/// <param name="adds">Whether the matrix is added to what it was, instead of arriving one batch late.</param>
internal sealed class Remembering(bool adds) : BrokenOperation
{
    private double[,]? last;

    public override void Run<T>(Operands<T> inputs, Matrix<T> result)
    {
        var next = new double[result.Rows, result.Columns];
        for (var row = 0; row < result.Rows; row++)
        {
            for (var column = 0; column < result.Columns; column++)
            {
                var value = double.CreateTruncating(inputs[0][row, column]);
                var before = last?[row, column] ?? (adds ? 0 : value);
                result[row, column] = T.CreateTruncating(adds ? before + value : before);
                next[row, column] = adds ? before + value : value;
            }
        }

        last = next;
    }
}

/// <summary>The rows of a gradient at the rows of the table they were looked up from: of two at one place, the later stays.</summary>
/// <param name="rows">Rows of the table.</param>
internal sealed class OverwritingLookup(int rows) : BrokenOperation
{
    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => new(rows, inputs[1].Columns);

    public override void Run<T>(Operands<T> inputs, Matrix<T> result)
    {
        var zeros = new T[result.Columns];
        for (var row = 0; row < rows; row++)
        {
            result.SetRow(row, zeros);
        }

        var gradient = new T[result.Columns];
        for (var row = 0; row < inputs[0].Rows; row++)
        {
            inputs[1].CopyRow(row, gradient);
            result.SetRow(int.CreateTruncating(inputs[0][row, 0]), gradient);
        }
    }
}

/// <summary>A · B whose sums are kept in half precision, as of products of half-precision numbers in some hardware.</summary>
internal sealed class ProductInHalf : BrokenOperation
{
    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => new(inputs[0].Rows, inputs[1].Columns);

    public override Node Bprop(Node node, int input, Node gradient) => input == 0
        ? gradient.Times(node.Inputs[1].Transpose())
        : node.Inputs[0].TransposeTimes(gradient);

    public override void Run<T>(Operands<T> inputs, Matrix<T> result)
    {
        for (var row = 0; row < result.Rows; row++)
        {
            for (var column = 0; column < result.Columns; column++)
            {
                var sum = Half.Zero;
                for (var k = 0; k < inputs[0].Columns; k++)
                {
                    sum += Half.CreateTruncating(inputs[0][row, k] * inputs[1][k, column]);
                }

                result[row, column] = T.CreateTruncating(sum);
            }
        }
    }
}

/// <summary>The sound operation's values, with a rule of differentiation of its own.</summary>
internal abstract class WrongRule : CustomOp
{
    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];
}

/// <summary>The softmax of each row, by a rule that knows the diagonal of its Jacobian alone: y (1 − y).</summary>
internal sealed class DiagonalSoftmax : WrongRule
{
    public override bool ByRow => true;

    public override Node Bprop(Node node, int input, Node gradient) => gradient * node * (1 - node);

    public override void Run<T>(Operands<T> inputs, Matrix<T> result)
    {
        for (var row = 0; row < result.Rows; row++)
        {
            var sum = 0.0;
            for (var column = 0; column < result.Columns; column++)
            {
                sum += Math.Exp(double.CreateTruncating(inputs[0][row, column]));
            }

            for (var column = 0; column < result.Columns; column++)
            {
                result[row, column] = T.CreateTruncating(Math.Exp(double.CreateTruncating(inputs[0][row, column])) / sum);
            }
        }
    }
}

/// <summary>x³, whose first derivative is right and whose second is that of a constant.</summary>
internal sealed class CubeOfConstantSlope : WrongRule
{
    public override bool ByRow => true;

    public override Node Bprop(Node node, int input, Node gradient) => gradient * Node.Of(new Slope(), node.Inputs[0]);

    public override void Run<T>(Operands<T> inputs, Matrix<T> result)
    {
        for (var row = 0; row < result.Rows; row++)
        {
            for (var column = 0; column < result.Columns; column++)
            {
                var x = inputs[0][row, column];
                result[row, column] = x * x * x;
            }
        }
    }

    private sealed class Slope : WrongRule
    {
        public override bool ByRow => true;

        public override Node? Bprop(Node node, int input, Node gradient) => null;

        public override void Run<T>(Operands<T> inputs, Matrix<T> result)
        {
            for (var row = 0; row < result.Rows; row++)
            {
                for (var column = 0; column < result.Columns; column++)
                {
                    var x = inputs[0][row, column];
                    result[row, column] = T.CreateTruncating(3) * x * x;
                }
            }
        }
    }
}

/// <summary>Each row less the mean of all rows it is run with, which <see cref="CustomOp.ByRow"/> promises not to be read.</summary>
internal sealed class CentredOnTheBatch : WrongRule
{
    public override bool ByRow => true;

    public override Node Bprop(Node node, int input, Node gradient) => gradient - gradient.MeanRows();

    public override void Run<T>(Operands<T> inputs, Matrix<T> result)
    {
        for (var column = 0; column < result.Columns; column++)
        {
            var sum = T.Zero;
            for (var row = 0; row < result.Rows; row++)
            {
                sum += inputs[0][row, column];
            }

            for (var row = 0; row < result.Rows; row++)
            {
                result[row, column] = inputs[0][row, column] - sum / T.CreateTruncating(result.Rows);
            }
        }
    }
}
