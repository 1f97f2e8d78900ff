using Backprop.Audit.Bounds;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Audit;

/// <summary>Checks an operation, built in or of your own, on an example: its derivatives, theirs, its value in float, and its rows.</summary>
public static class OpAudit
{
    // The engine in float errs, and the reference in double by nothing beside it.
    private const double Allowance = 2;

    /// <summary>Checks a node.</summary>
    /// <param name="example">A node of the operation, or any graph of it.</param>
    /// <param name="numbers">Numbers for its leaves, where those drawn from −1 to 1 will not do; null to draw them all.</param>
    /// <param name="seed">Of the numbers drawn.</param>
    /// <returns>What was found, check by check.</returns>
    public static IReadOnlyList<Finding> Run(Node example, IReadOnlyDictionary<Node, double[,]>? numbers = null, long seed = 1)
    {
        var variables = new Topology([example]).Order.Where(node => node.TakesNumbers).ToList();
        var random = new TorchRandom(seed);
        var rows = variables.Where(node => node.Shape.IsBatch && numbers?.ContainsKey(node) == true)
            .Select(node => numbers![node].GetLength(0)).FirstOrDefault(3);
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
            .. Slopes("Bprop against differences of Run", () => Weighed(example)),
            .. Slopes("Bprop of Bprop against differences of Bprop", () =>
                Gradient.Build(Weighed(example), differentiated, zeros: true).Select(Weighed).Aggregate((a, b) => a + b)),
            InFloat(),
            .. example is { Shape.IsBatch: true, Op: CustomOp { ByRow: true } } ? new[] { RowsAlone() } : [],
        ];

        IEnumerable<Finding> Slopes(string check, Func<Node> build)
        {
            try
            {
                return Differences(example.Name, check, given, build(), differentiated);
            }
            catch (Exception error) when (error is NotSupportedException or InvalidOperationException or ArgumentException)
            {
                return [new("operation", example.Name, check, Verdict.OursWorse, double.PositiveInfinity, $"It cannot be run: {error.Message}")];
            }
        }

        Finding InFloat()
        {
            using var rounded = new Numbers<float>(new() { Threads = 1 });
            foreach (var variable in variables)
            {
                rounded[variable] = Doubles.Matrix<float>(Doubles.Of(given[variable]), variable.Shape.Columns);
            }

            var exact = new BoundedGraph([example], leaf => Doubles.Of(rounded[leaf]), rows)[example].Numbers;
            double[] values = [.. exact.Select(x => x.Value)], bounds = [.. exact.Select(x => Allowance * x.ErrorIn(Bounded.Float))];
            return (ReferenceCheck.Tensor(example.Name, example.Shape.Columns, Doubles.Of(rounded.Value(example)), null, values, bounds) with
            {
                ReferenceName = "plain loops in double",
            }).Judge("operation", example.Name, "Run in float against plain loops in double");
        }

        Finding RowsAlone()
        {
            var together = given.Value(example);
            var apart = new List<double>();
            for (var row = 0; row < together.GetLength(0); row++)
            {
                using var alone = new Numbers<double>(new() { Threads = 1 });
                foreach (var variable in variables)
                {
                    var source = given[variable];
                    var single = new double[1, source.GetLength(1)];
                    Buffer.BlockCopy(source, sizeof(double) * (variable.Shape.IsBatch ? row : 0) * single.Length, single, 0, sizeof(double) * single.Length);
                    alone[variable] = variable.Shape.IsBatch ? single : source;
                }

                apart.AddRange(Doubles.Of(alone.Value(example)));
            }

            return (ReferenceCheck.Tensor(example.Name, example.Shape.Columns, Doubles.Of(together), null, [.. apart], new double[apart.Count]) with
            {
                ReferenceName = "the row alone",
            }).Judge("operation", example.Name, "a row in its batch against the row alone, as ByRow promises");
        }
    }

    private static IEnumerable<Finding> Differences(string name, string check, Numbers<double> given, Node result, IReadOnlyList<Node> variables)
    {
        var gradients = given.Gradients(result, variables, zeros: true);
        Claim[] claims =
        [
            .. variables.Zip(gradients, (variable, gradient) => new Claim(
                variable.Name, variable.Shape.Columns, Doubles.Of(given[variable]), Doubles.Of(gradient))),
        ];
        if (claims.Length == 0)
        {
            return [];
        }

        var sizes = variables.Select(variable => given[variable]).ToList();
        try
        {
            var search = new SlopeSearch(
                claims,
                numbers =>
                {
                    for (var i = 0; i < claims.Length; i++)
                    {
                        given[variables[i]] = Doubles.Matrix<double>(numbers[i], claims[i].Columns);
                    }

                    return given.Scalar(result);
                },
                Bounded.Double);
            return [.. claims.Select((claim, i) => search.Check(i).Judge(Party.Ours, claim, "operation", name, check))];
        }
        finally
        {
            foreach (var (variable, original) in variables.Zip(sizes))
            {
                given[variable] = original;
            }
        }
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

            var values = new double[(leaf.Shape.IsBatch ? rows : leaf.Shape.Rows) * leaf.Shape.Columns];
            random.FillUniform<double>(values, -1, 1);
            numbers[leaf] = Doubles.Matrix<double>(values, leaf.Shape.Columns);
        }
    }
}
