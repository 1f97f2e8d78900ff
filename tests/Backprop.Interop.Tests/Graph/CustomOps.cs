using System.Runtime.CompilerServices;
using Backprop.Formulas;
using Backprop.Graph;

namespace Backprop.Interop.Tests.Graph;

/// <summary>Each row over its Euclidean norm: y = x / ‖x‖; ∂x = (∂y − y (y · ∂y)) / ‖x‖.</summary>
public sealed class Direction : CustomOp
{
    public override bool ByRow => true;

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

    public override Node Bprop(Node node, int input, Node gradient)
    {
        var norm = node.Inputs[0].Square().SumColumns().Sqrt();
        return (gradient - node * (node * gradient).SumColumns()) / norm;
    }

    public override void Run<T>(Operands<T> inputs, Matrix<T> result)
    {
        var x = inputs[0];
        for (var row = 0; row < x.Rows; row++)
        {
            var squares = T.Zero;
            for (var column = 0; column < x.Columns; column++)
            {
                squares += x[row, column] * x[row, column];
            }

            for (var column = 0; column < x.Columns; column++)
            {
                result[row, column] = x[row, column] / T.Sqrt(squares);
            }
        }
    }
}

/// <summary>Sums of each column down to each row, or from it on; each is the other's rule of differentiation.</summary>
public class RunningSum(bool upward = false) : CustomOp
{
    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

    public override Node? Bprop(Node node, int input, Node gradient) => Node.Of(new RunningSum(!upward), gradient);

    public override void Run<T>(Operands<T> inputs, Matrix<T> result)
    {
        var (x, last) = (inputs[0], result.Rows - 1);
        for (var column = 0; column < result.Columns; column++)
        {
            var sum = T.Zero;
            for (var i = 0; i <= last; i++)
            {
                var row = upward ? last - i : i;
                sum += x[row, column];
                result[row, column] = sum;
            }
        }
    }
}

/// <summary>An operation that is another at every run.</summary>
public sealed class Restless : CustomOp
{
    private int runs;

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

    public override Node? Bprop(Node node, int input, Node gradient) => gradient;

    public override void Run<T>(Operands<T> inputs, Matrix<T> result)
    {
        runs++;
        for (var row = 0; row < result.Rows; row++)
        {
            for (var column = 0; column < result.Columns; column++)
            {
                result[row, column] = inputs[0][row, column] + T.CreateTruncating(runs % 7 * 0.125);
            }
        }
    }
}

/// <summary>A rule with a mistake: it forgets to turn round.</summary>
public sealed class WrongRunningSum : RunningSum
{
    public override Node Bprop(Node node, int input, Node gradient) => Node.Of(new RunningSum(), gradient);
}

/// <summary>An operation that says its rows depend on no others, but they do.</summary>
public sealed class ClaimsRows : RunningSum
{
    public override bool ByRow => true;
}

/// <summary>A rule that says there is no slope.</summary>
public sealed class ForgetfulRunningSum : RunningSum
{
    public override Node? Bprop(Node node, int input, Node gradient) => null;
}

/// <summary>a · e^−b²: a function of elements, of which no derivative is written at all.</summary>
public readonly record struct Bump : IFormula
{
    public static int Inputs => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => a * TX.Exp(-(b * b));
}
