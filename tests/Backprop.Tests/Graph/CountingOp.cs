using Backprop.Graph;

namespace Backprop.Tests.Graph;

/// <summary>The sum of its inputs, which counts how often it runs and is differentiated.</summary>
internal sealed class CountingOp : CustomOp
{
    public int Runs { get; private set; }

    public int Bprops { get; private set; }

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

    public override Node Bprop(Node node, int input, Node gradient)
    {
        Bprops++;
        return gradient;
    }

    public override void Run<T>(Operands<T> inputs, Matrix<T> result)
    {
        Runs++;
        for (var row = 0; row < result.Rows; row++)
        {
            for (var column = 0; column < result.Columns; column++)
            {
                result[row, column] = T.Zero;
                for (var i = 0; i < inputs.Count; i++)
                {
                    result[row, column] += inputs[i][row, column];
                }
            }
        }
    }
}
