using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;

namespace Backprop.Planning;

/// <summary>What one step of a plan computes: a node, or several fused into one.</summary>
/// <param name="Result">The last node of the fusion: its value is written.</param>
/// <param name="Core">The node whose operation does the work.</param>
/// <param name="Reads">Nodes whose values are read.</param>
internal sealed record Recipe(Node Result, Node Core, IReadOnlyList<Node> Reads)
{
    /// <summary>A bias added to the core's result.</summary>
    public Node? Bias { get; init; }

    /// <summary>The value before <see cref="Activation"/>, where something else reads it too.</summary>
    public Node? Before { get; init; }

    /// <summary>An activation of the core's result.</summary>
    public Activation? Activation { get; init; }

    /// <summary>The activation's gradient that the core's result is multiplied by: its node.</summary>
    public Node? Differentiated { get; init; }

    /// <summary>The parameter that the result, its gradient, updates; the gradient itself is kept only if it is also read.</summary>
    public Node? Updates { get; init; }

    /// <summary>Whether the recipe only applies a gradient that another one computes.</summary>
    public bool OnlyUpdates => Updates is not null && Reads is [var read] && read == Result;

    /// <summary>Whether each row of the result depends on no other row of the batch.</summary>
    public bool ByRow => Updates is null && (Core.Shape.Rows == Shape.Batch || Core.Op is MeanLoss);

    /// <summary>The loss whose gradient is computed in the same pass.</summary>
    public Node? Loss { get; init; }
}

/// <summary>Finds the nodes that one pass over memory can compute together: bias and activation with the product before them, an
/// activation's gradient with the product that passes it back, an update with its gradient, a loss with its gradient.</summary>
internal static class Fuse
{
    /// <summary>The recipes of a graph in an order in which they could run one by one.</summary>
    /// <param name="topology">The graph.</param>
    /// <param name="kept">Nodes whose values the caller reads.</param>
    /// <param name="gradients">The gradient of each parameter to update.</param>
    public static IReadOnlyList<Recipe> Recipes(Topology topology, IReadOnlyCollection<Node> kept, IReadOnlyDictionary<Node, Node> gradients)
    {
        var absorbed = new HashSet<Node>();
        var read = kept.Concat(gradients.Values).ToHashSet();
        // A recipe stands where its result stands in the order, a loss with its gradient where the first of the two does.
        var recipes = new Dictionary<Node, Recipe>();
        foreach (var node in topology.Order)
        {
            var recipe = node.Op switch
            {
                Leaf => null,
                Transposition when node.Inputs[0].Op is Parameter => null,
                Product => OfProduct(node, topology, read, absorbed),
                MeanLoss or MeanLossGradient => absorbed.Contains(node) ? null : OfLoss(node, topology, absorbed),
                _ => new Recipe(node, node, Read(node)),
            };
            if (recipe is not null)
            {
                recipes.TryAdd(recipe.Loss is null ? recipe.Result : node, recipe);
            }
        }

        var ordered = topology.Order.Where(node => recipes.ContainsKey(node) && !absorbed.Contains(node)).Select(node => recipes[node]).ToList();
        foreach (var (parameter, gradient) in gradients)
        {
            // Updates come last; one whose gradient nobody else reads is done block by block as the gradient appears.
            var own = ordered.Find(recipe => recipe.Result == gradient);
            var readElsewhere = kept.Contains(gradient) || topology.Consumers(gradient).Count > 0 || gradients.Values.Count(g => g == gradient) > 1;
            if (own is { Core.Op: TransposedProduct or ColumnSums } && !readElsewhere)
            {
                ordered.Remove(own);
                ordered.Add(own with { Updates = parameter });
            }
            else
            {
                ordered.Add(new(gradient, gradient, [gradient]) { Updates = parameter });
            }
        }

        return ordered;
    }

    private static Recipe OfProduct(Node product, Topology topology, IReadOnlyCollection<Node> kept, HashSet<Node> absorbed)
    {
        var recipe = new Recipe(product, product, Read(product));
        var node = product;
        if (OnlyConsumer(node) is { Op: RowSum } sum && sum.Inputs[0] == node && sum.Inputs[1].Op is Parameter)
        {
            absorbed.Add(node);
            node = sum;
            recipe = recipe with { Result = sum, Bias = sum.Inputs[1], Reads = [.. recipe.Reads, sum.Inputs[1]] };
        }
        else if (OnlyConsumer(node) is { Op: ApplyGradient gradient } differentiated && differentiated.Inputs[0] == node)
        {
            absorbed.Add(node);
            var others = Read(differentiated).Where(read => read != node);
            return recipe with { Result = differentiated, Differentiated = differentiated, Reads = [.. recipe.Reads, .. others] };
        }

        var applications = topology.Consumers(node).Where(use => use.Consumer.Op is Apply).ToList();
        if (applications is [var (applied, _)] && topology.Consumers(node).All(use => use.Consumer.Op is Apply or ApplyGradient))
        {
            absorbed.Add(node);
            var read = topology.Consumers(node).Any(use => use.Consumer.Op is ApplyGradient && use.Consumer.Op.Reads(use.Input));
            recipe = recipe with
            {
                Result = applied,
                Activation = ((Apply)applied.Op).Function,
                Before = read || kept.Contains(node) ? node : null,
            };
        }

        return recipe;

        Node? OnlyConsumer(Node n) => topology.Consumers(n) is [var (consumer, _)] && !kept.Contains(n) ? consumer : null;
    }

    private static Recipe OfLoss(Node node, Topology topology, HashSet<Node> absorbed)
    {
        var siblings = topology.Consumers(node.Inputs[0]).Select(use => use.Consumer).ToList();
        var gradient = siblings.Find(n => n.Op is MeanLossGradient g && (n == node || g.Loss == node.Op));
        var loss = siblings.Find(n => n.Op is MeanLoss && (n == node || (node.Op as MeanLossGradient)?.Loss == n.Op));
        if (loss is null || gradient is null)
        {
            return new(node, node, Read(node));
        }

        absorbed.Add(node == loss ? gradient : loss);
        return new(gradient, gradient, Read(gradient)) { Loss = loss };
    }

    private static IReadOnlyList<Node> Read(Node node) => [.. node.Inputs.Where((_, i) => node.Op.Reads(i))];
}
