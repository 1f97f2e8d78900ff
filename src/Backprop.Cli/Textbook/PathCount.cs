using Backprop.Graph;
using Backprop.Planning;

namespace Backprop.Cli.Textbook;

/// <summary>Back-propagation visits each edge of a graph once, where the sum over paths visits each path. Deep Learning, section 6.5.3.</summary>
/// <param name="Length">k: nodes after the first, each of which takes the one before it three times.</param>
/// <param name="Edges">Edges that back-propagation visited.</param>
/// <param name="Paths">Paths that a recursion without memory visited.</param>
/// <param name="Gradient">∂y/∂x by back-propagation: here the number of paths.</param>
internal sealed record PathCount(int Length, long Edges, long Paths, double Gradient)
{
    /// <summary>Whether each edge was visited once, and the gradient is the number of paths.</summary>
    public bool Holds => Edges == 3 * Length && Gradient == Paths;

    /// <summary>Counts both, for k from 1 to 12.</summary>
    public static IReadOnlyList<PathCount> Run(CancellationToken cancellation) => [.. Enumerable.Range(1, 12).Select(k =>
    {
        cancellation.ThrowIfCancellationRequested();
        return Of(k);
    })];

    private static PathCount Of(int length)
    {
        var (x, addition) = (Node.Parameter("x", 1, 1), new CountedAddition());
        var y = Enumerable.Range(0, length).Aggregate(x, (node, _) => Node.Of(addition, node, node, node));
        using var numbers = new Numbers<double> { [x] = new double[,] { { 1 } } };
        var gradient = numbers.Gradients(y, [x])[0][0, 0];
        return new(length, addition.Visited, PathsTo(x, y), gradient);
    }

    private static long PathsTo(Node x, Node node) => node == x ? 1 : node.Inputs.Sum(input => PathsTo(x, input));

    /// <summary>a + b + c; counts the edges along which it is differentiated.</summary>
    private sealed class CountedAddition : CustomOp
    {
        public long Visited { get; private set; }

        public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

        public override Node Bprop(Node node, int input, Node gradient)
        {
            Visited++;
            return gradient;
        }

        public override void Run<T>(Operands<T> inputs, Matrix<T> result)
            => result[0, 0] = inputs[0][0, 0] + inputs[1][0, 0] + inputs[2][0, 0];
    }
}
