using Backprop.Audit.Bounds;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Interop.Tests.Torch;
using Backprop.Planning;
using CsCheck;
using Xunit.Abstractions;

namespace Backprop.Interop.Tests.Properties;

/// <summary>Random graphs of random operations: value, gradients and Hessian products are those of PyTorch's autograd, in double.</summary>
[Collection(TorchCollection.Name)]
public sealed class GraphProperties(ITestOutputHelper output)
{
    private static readonly EngineOptions OneThread = new() { Threads = 1 };

    /// <summary>
    /// What libtorch computes by 1 − σ, 1 + erf or 1 + tanh near 0, or by the difference of two near 1: off by a rounding of 1, however small the
    /// result.
    /// </summary>
    private static readonly IReadOnlySet<string?> Cancelling =
        new HashSet<string?> { "logsigmoid", "sigmoid", "silu", "mish", "softplus", "gelu", "gelutanh", "softsign" };

    [Fact]
    public void RandomGraphsHaveTorchsDerivatives()
        => RandomCases.Check(output, "graphs", "Random graphs of random operations", 0.85, GraphCase.Gen, Check);

    [Fact]
    public void EveryOperationIsInTheTable()
    {
        // Alone, each on its own leaves.
        var shown = Enumerable.Range(0, GraphOperation.All.Count).SelectMany(operation => Enumerable.Range(0, 10)
            .Select(choice => new GraphBuilder(new(3, choice, false, [new(operation, 0, choice)])).Result.Node));
        var used = new Topology([.. shown]).Order.Select(node => node.Op.GetType()).ToHashSet();
        // What Bprop applies is compared by what it is a part of: gradients, and gradients of gradients.
        Type[] gradients = [typeof(ApplyGradient), typeof(MeanLossGradient), typeof(NormalisationGradient)];
        // What only heads apply is compared where heads are.
        Type[] heads = [typeof(QuantileLoss), typeof(GaussianLoss), typeof(MixedSoftmaxCrossEntropy), typeof(RowShare), typeof(TargetTotals)];
        var maps = typeof(Formulas.Primitives).GetNestedTypes().Select(formula => typeof(Map<>).MakeGenericType(formula));
        var operations = typeof(Op).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Op)) && type is { IsAbstract: false, IsGenericType: false } && !type.IsSubclassOf(typeof(Leaf)));
        var missing = operations.Concat(maps).Except(used).Except(gradients).Except(heads)
            .Select(type => string.Join(' ', type.GenericTypeArguments.Prepend(type).Select(part => part.Name)));
        Assert.True(!missing.Any(), $"Add to {nameof(GraphOperation)}.{nameof(GraphOperation.All)}, with PyTorch's function beside it: "
            + $"{string.Join(", ", missing)}");
    }

    [Fact]
    public void ADifferenceBeyondRoundingFails()
    {
        var x = Node.Parameter("x", 3, 40);
        double[] numbers = [.. Enumerable.Range(0, 3 * 40).Select(i => Math.Sin(i))];
        var gradient = Gradient.Build(x.Exp().LogSoftmax().Square().Mean(), [x])[0];
        var exact = new BoundedGraph([gradient], _ => numbers, 1)[gradient];
        Bound.Compare(exact.Values, exact.Values, exact, Bounded.Double, () => "equal numbers");
        double[] wrong = [.. exact.Values];
        wrong[17] *= 1 + 1e-12;
        Assert.Contains(
            "number 17", Assert.ThrowsAny<Exception>(() => Bound.Compare(wrong, exact.Values, exact, Bounded.Double, () => "a wrong number")).Message);
    }

    private static void Check(GraphCase description, Tally tally)
    {
        var graph = new GraphBuilder(description);
        var leaves = graph.Differentiated.ToList();
        List<Node> targets = [.. leaves.Select(leaf => leaf.Value.Node)];
        List<Node> nodes = [graph.Result.Node, .. Gradient.Build(graph.Result.Node, targets)];
        if (description.Second)
        {
            var product = nodes.Skip(1).Zip(graph.Directions, (gradient, v) => (gradient * v.Node).Sum()).Aggregate((a, b) => a + b);
            nodes.AddRange(Gradient.Build(product, targets, zeros: true));
        }

        var numbersOf = graph.Leaves.ToDictionary(leaf => leaf.Value.Node, leaf => leaf.Numbers);
        var roundings = new BoundedGraph(nodes, leaf => [.. numbersOf[leaf].Cast<double>()], description.BatchRows);
        if (!roundings.IsFinite || roundings.IsOpen(Bounded.Double))
        {
            tally.Skip();
            return;
        }

        using var numbers = new Numbers<double>(OneThread);
        foreach (var leaf in graph.Leaves)
        {
            numbers[leaf.Value.Node] = leaf.Numbers;
        }

        var ours = numbers.Values(nodes);
        var theirs = GraphTwin.Run(graph, description.Second);
        var cancels = new Topology(nodes).Order.Any(node => Cancelling.Contains(node.Name));
        var cancelled = false;
        tally.Count();
        for (var i = 0; i < nodes.Count; i++)
        {
            var order = i == 0 ? "value" : i <= targets.Count ? "gradient" : "Hessian times vector";
            string Where() => order == "value" ? "the result" : $"{order}, {targets[(i - 1) % targets.Count]}";
            double[] mine = [.. ours[i].Cast<double>()];
            // Ours is held to plain loops by our formulas, theirs to ours by libtorch's, which cancel.
            var (exact, byTheirs) = (roundings[nodes[i]], (roundings.OfTheirs ?? roundings)[nodes[i]]);
            Bound.Compare(mine, exact.Values, exact, Bounded.Double / 2, Where);
            if (cancels && Bound.Worst(mine, theirs[i], byTheirs, Bounded.Double) > 1)
            {
                Bound.CompareRoughly(mine, theirs[i], byTheirs, Where);
                cancelled = true;
            }
            else
            {
                tally.Note(order, Bound.Compare(mine, theirs[i], byTheirs, Bounded.Double, Where));
            }
        }

        tally.Cancelled += cancelled ? 1 : 0;
    }
}
