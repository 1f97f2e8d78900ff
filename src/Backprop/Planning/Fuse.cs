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
    public bool ByRow => Overwrites is null && ((Core.Shape.IsBatch && Core.Op.IsByRow) || (Core.Op is MeanLoss && Core.Inputs[0].Shape.IsBatch));

    /// <summary>The loss whose gradient is computed in the same pass.</summary>
    public Node? Loss { get; init; }

    /// <summary>The state that the result's value is copied to.</summary>
    public Node? Assigns { get; init; }

    /// <summary>The parameter or state that is written, whose readers come first.</summary>
    public Node? Overwrites => Updates ?? Assigns;
}

/// <summary>Finds the nodes that one pass over memory can compute together: bias and activation with the product before them, an
/// activation's gradient with the product that passes it back, an update with its gradient, a loss with its gradient.</summary>
internal static class Fuse
{
    /// <summary>The recipes of a graph in an order in which they could run one by one.</summary>
    /// <param name="topology">The graph.</param>
    /// <param name="kept">Nodes whose values the caller reads.</param>
    /// <param name="gradients">The gradient of each parameter to update.</param>
    /// <param name="assignments">The node whose value each state takes at the end.</param>
    public static IReadOnlyList<Recipe> Recipes(
        Topology topology, IReadOnlyCollection<Node> kept, IReadOnlyDictionary<Node, Node> gradients, IReadOnlyDictionary<Node, Node>? assignments = null)
    {
        var absorbed = new HashSet<Node>();
        var readElsewhere = kept.Concat(assignments?.Values ?? []).ToHashSet();
        var read = readElsewhere.Concat(gradients.Values).ToHashSet();
        var places = new Dictionary<Node, int>();
        foreach (var node in topology.Order)
        {
            places[node] = places.Count;
        }

        // A recipe stands where its result stands in the order, a loss with its gradient where the first of the two does.
        var recipes = new Dictionary<Node, Recipe>();
        foreach (var node in topology.Order)
        {
            var recipe = node.Op switch
            {
                Leaf => null,
                Transposition when node.Inputs[0].Op is Parameter => null,
                Product => OfProduct(node, topology, places, read, absorbed),
                MeanLoss or MeanLossGradient => absorbed.Contains(node) ? null : OfLoss(node, topology, absorbed),
                _ => new Recipe(node, node, Read(node)),
            };
            if (recipe is not null)
            {
                recipes.TryAdd(recipe.Loss is null ? recipe.Result : node, recipe);
            }
        }

        // Updates come last; one whose gradient nobody else reads is done block by block as the gradient appears.
        var uses = gradients.Values.CountBy(gradient => gradient).ToDictionary();
        bool IsDoneAtOnce(Node gradient) => recipes.TryGetValue(gradient, out var own) && own.Core.Op is TransposedProduct or ColumnSums
            && !readElsewhere.Contains(gradient) && topology.Consumers(gradient).Count == 0 && uses[gradient] == 1;
        var atOnce = uses.Keys.Where(IsDoneAtOnce).ToHashSet();
        return
        [
            .. topology.Order.Where(node => recipes.ContainsKey(node) && !absorbed.Contains(node) && !atOnce.Contains(node)).Select(node => recipes[node]),
            .. gradients.Select(pair => atOnce.Contains(pair.Value)
                ? recipes[pair.Value] with { Updates = pair.Key }
                : new(pair.Value, pair.Value, [pair.Value]) { Updates = pair.Key }),
            .. (assignments ?? new Dictionary<Node, Node>()).Select(pair => new Recipe(pair.Value, pair.Value, [pair.Value]) { Assigns = pair.Key }),
        ];
    }

    private static Recipe OfProduct(
        Node product, Topology topology, IReadOnlyDictionary<Node, int> places, IReadOnlyCollection<Node> kept, HashSet<Node> absorbed)
    {
        var recipe = new Recipe(product, product, Read(product));
        var node = product;
        if (OnlyConsumer(node) is { Op: Map<Primitives.Addition> } sum && sum.Inputs[0] == node
            && sum.Inputs[1] is { Op: Parameter } bias && bias.Shape == node.Shape with { Rows = 1 })
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

        // The fusion stands where the activation does, so whoever else reads the value before it must come later.
        var consumers = topology.Consumers(node);
        var applied = consumers.Select(use => use.Consumer).FirstOrDefault(consumer => consumer.Op is Apply);
        if (applied is not null && consumers.All(use => places[use.Consumer] >= places[applied]))
        {
            absorbed.Add(node);
            var read = consumers.Any(use => use.Consumer != applied && use.Consumer.Op.Reads(use.Input));
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
        bool IsPartner(Node other) => !absorbed.Contains(other) && other.Inputs.SequenceEqual(node.Inputs);
        var gradient = node.Op is MeanLossGradient ? node : siblings.Find(n => n.Op is MeanLossGradient g && g.Loss == node.Op && IsPartner(n));
        var loss = node.Op is MeanLoss ? node : siblings.Find(n => n.Op == ((MeanLossGradient)node.Op).Loss && IsPartner(n));
        if (loss is null || gradient is null)
        {
            return new(node, node, Read(node));
        }

        absorbed.Add(node == loss ? gradient : loss);
        return new(gradient, gradient, Read(gradient)) { Loss = loss };
    }

    private static IReadOnlyList<Node> Read(Node node) => [.. node.Inputs.Where((_, i) => node.Op.Reads(i))];
}
