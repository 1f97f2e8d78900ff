using Backprop.Graph;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Audit;

/// <summary>The largest disagreement found in one check of an operation.</summary>
/// <param name="Check">What was compared with what.</param>
/// <param name="Error">|ours − reference| / max(1, |reference|).</param>
/// <param name="Bound">What it may be.</param>
/// <param name="Where">The element where it is largest, with both numbers; or why the check could not run.</param>
public sealed record OpFinding(string Check, double Error, double Bound, string Where)
{
    /// <summary>Whether the error is within its bound.</summary>
    public bool Passes => Error <= Bound;
}

/// <summary>Checks an operation, built in or of your own, on an example: its derivatives, theirs, and its value in float.</summary>
public static class OpAudit
{
    private const double Step = 1e-5;

    // Central differences err by h² f‴ / 6 + ε |f| / h, about 1e-10 for values near 1; sums of a matrix have larger ones.
    private const double DifferenceBound = 1e-6;

    // Operations of one example round a few times each; a float has 24 bits.
    private const double FloatBound = 1e-4;

    /// <summary>Checks a node.</summary>
    /// <param name="example">A node of the operation, or any graph of it.</param>
    /// <param name="numbers">Numbers for its leaves, where those drawn from −1 to 1 will not do; null to draw them all.</param>
    /// <param name="seed">Of the numbers drawn.</param>
    /// <returns>What was found, check by check.</returns>
    public static IReadOnlyList<OpFinding> Run(Node example, IReadOnlyDictionary<Node, double[,]>? numbers = null, long seed = 1)
    {
        var variables = new Topology([example]).Order.Where(node => node.TakesNumbers).ToList();
        var random = new TorchRandom(seed);
        var rows = variables.Where(node => node.Shape.IsBatch && numbers?.ContainsKey(node) == true).Select(node => numbers![node].GetLength(0)).FirstOrDefault(3);
        using var given = new Numbers<double>(new() { Threads = 1 });
        Draw(given, random, variables, rows, numbers);
        // A scalar that weighs every element differently, so that no error cancels.
        Node Weighed(Node node)
        {
            var weights = node.Shape.IsBatch ? Node.Input("weights", node.Shape.Columns) : Node.State("weights", node.Shape.Rows, node.Shape.Columns);
            Draw(given, random, [weights], rows, null);
            return (node * node + node * weights).Sum();
        }

        // Numbers that are given may be categories, along which nothing has a slope.
        bool IsCategory(Node leaf) => numbers?.ContainsKey(leaf) == true && Gradient.Build(example.Sum(), [leaf])[0].IsLeaf;
        var differentiated = variables.Where(node => !IsCategory(node)).ToList();
        return
        [
            Compare("Bprop against central differences of Run", () => Weighed(example)),
            Compare("Bprop of Bprop against central differences of Bprop", () =>
                Gradient.Build(Weighed(example), differentiated, zeros: true).Select(Weighed).Aggregate((a, b) => a + b)),
            InFloat(),
            .. example is { Shape.IsBatch: true, Op: CustomOp { ByRow: true } } ? new[] { RowsAlone() } : [],
        ];

        OpFinding RowsAlone()
        {
            const string check = "A row alone against the row in its batch, as ByRow promises";
            var (worst, together) = (new OpFinding(check, 0, 0, "nowhere"), given.Value(example));
            for (var row = 0; row < together.GetLength(0) && worst.Passes; row++)
            {
                using var alone = new Numbers<double>(new() { Threads = 1 });
                foreach (var variable in variables)
                {
                    var source = given[variable];
                    var single = new double[1, source.GetLength(1)];
                    Each(single, (_, column) => single[0, column] = source[row, column]);
                    alone[variable] = variable.Shape.IsBatch ? single : source;
                }

                var (r, value) = (row, alone.Value(example));
                worst = Worst(check, 0, value, (_, column) => together[r, column], $"{example.Name}, row {row}");
            }

            return worst;
        }

        OpFinding Compare(string check, Func<Node> build)
        {
            try
            {
                var result = build();
                return Differences(check, given, result, differentiated);
            }
            catch (Exception error) when (error is NotSupportedException or InvalidOperationException or ArgumentException)
            {
                return new(check, double.PositiveInfinity, DifferenceBound, error.Message);
            }
        }

        OpFinding InFloat()
        {
            using var rounded = new Numbers<float>(new() { Threads = 1 });
            foreach (var variable in variables)
            {
                var source = given[variable];
                var target = new float[source.GetLength(0), source.GetLength(1)];
                Each(source, (row, column) => target[row, column] = (float)source[row, column]);
                rounded[variable] = target;
            }

            var (expected, actual) = (given.Value(example), rounded.Value(example));
            return Worst("Run in float against Run in double", FloatBound, expected, (row, column) => actual[row, column], example.Name);
        }
    }

    private static OpFinding Differences(string check, Numbers<double> given, Node result, IReadOnlyList<Node> variables)
    {
        var values = given.Gradients(result, variables, zeros: true);
        var worst = new OpFinding(check, 0, DifferenceBound, "nowhere");
        foreach (var (variable, gradient) in variables.Zip(values))
        {
            var original = given[variable];
            double At(int row, int column, double shift)
            {
                var moved = (double[,])original.Clone();
                moved[row, column] += shift;
                given[variable] = moved;
                return given.Scalar(result);
            }

            try
            {
                double Quotient(int row, int column) => (At(row, column, Step) - At(row, column, -Step)) / (2 * Step);
                var one = Worst(check, DifferenceBound, original, Quotient, variable.Name, gradient);
                worst = one.Error > worst.Error ? one : worst;
            }
            finally
            {
                given[variable] = original;
            }
        }

        return worst;
    }

    /// <summary>The element where two matrices differ most; the first is the reference unless <paramref name="ours"/> is given.</summary>
    private static OpFinding Worst(string check, double bound, double[,] size, Func<int, int, double> other, string name, double[,]? ours = null)
    {
        var worst = new OpFinding(check, 0, bound, "nowhere");
        Each(size, (row, column) =>
        {
            var (reference, actual) = ours is null ? (size[row, column], other(row, column)) : (other(row, column), ours[row, column]);
            var error = reference.Equals(actual) ? 0 : Math.Abs(reference - actual) / Math.Max(1, Math.Abs(reference));
            if (!(error <= worst.Error))
            {
                worst = worst with { Error = double.IsNaN(error) ? double.PositiveInfinity : error, Where = $"{name} ({row}, {column}): {actual:R}, reference {reference:R}" };
            }
        });
        return worst;
    }

    private static void Draw(Numbers<double> numbers, TorchRandom random, IEnumerable<Node> leaves, int rows, IReadOnlyDictionary<Node, double[,]>? given)
    {
        foreach (var leaf in leaves)
        {
            if (given?.TryGetValue(leaf, out var known) == true)
            {
                numbers[leaf] = known;
                continue;
            }

            var drawn = new double[leaf.Shape.IsBatch ? rows : leaf.Shape.Rows, leaf.Shape.Columns];
            var values = new double[drawn.Length];
            random.FillUniform<double>(values, -1, 1);
            Each(drawn, (row, column) => drawn[row, column] = values[row * drawn.GetLength(1) + column]);
            numbers[leaf] = drawn;
        }
    }

    private static void Each(double[,] matrix, Action<int, int> action)
    {
        for (var row = 0; row < matrix.GetLength(0); row++)
        {
            for (var column = 0; column < matrix.GetLength(1); column++)
            {
                action(row, column);
            }
        }
    }
}
