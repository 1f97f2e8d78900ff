using Backprop.Graph;
using Backprop.Graph.Ops;

namespace Backprop.Planning;

/// <summary>Groups recipes into levels: those of one level depend on none of the same, so they may run at the same time.</summary>
internal static class Levels
{
    /// <summary>The level of each recipe; level 0 fills the inputs.</summary>
    /// <param name="recipes">The recipes.</param>
    /// <param name="chained">Whether work on a row may share the level of the work on the same row that it reads.</param>
    /// <param name="after">What comes before a node beside its inputs, or null.</param>
    public static IReadOnlyList<int> Of(IReadOnlyList<Recipe> recipes, bool chained, IReadOnlyDictionary<Node, IReadOnlyList<Node>>? after = null)
    {
        var written = new Dictionary<Node, int>();
        var byRow = new HashSet<Node>();
        var lastRead = new Dictionary<Node, int>();
        var levels = new int[recipes.Count];
        for (var i = 0; i < recipes.Count; i++)
        {
            var recipe = recipes[i];
            var chains = chained && recipe.ByRow;
            var level = recipe.Reads.Select(read => written.GetValueOrDefault(read) + (chains && IsAtHand(read) ? 0 : 1)).DefaultIfEmpty(1).Max();
            foreach (var other in after?.GetValueOrDefault(recipe.Core) ?? [])
            {
                level = Math.Max(level, 1 + Written(other));
            }

            if (recipe.Overwrites is not null)
            {
                // Whoever reads the old numbers comes first.
                level = Math.Max(level, 1 + lastRead.GetValueOrDefault(recipe.Overwrites));
            }

            foreach (var read in recipe.Reads)
            {
                var parameter = read.Op is Transposition ? read.Inputs[0] : read;
                lastRead[parameter] = Math.Max(lastRead.GetValueOrDefault(parameter), level);
            }

            if (chains && recipe.Result.Op is not MeanLoss)
            {
                byRow.Add(recipe.Result);
            }

            // A loss is added up one level after its rows are done.
            written[recipe.Result] = recipe.Result.Op is MeanLoss ? level + 1 : level;
            foreach (var (also, at) in new[] { (recipe.Before, level), (recipe.Loss, level + 1) })
            {
                if (also is not null)
                {
                    written[also] = at;
                    if (chains && also == recipe.Before)
                    {
                        byRow.Add(also);
                    }
                }
            }

            levels[i] = level;
        }

        return levels;

        // What is fused into another's recipe is as good as there when its inputs are.
        int Written(Node node) => written.TryGetValue(node, out var level) ? level : node.Inputs.Select(Written).DefaultIfEmpty(0).Max();

        // Inputs, weights and their transposed copies, and the same row of a value in the chain.
        bool IsAtHand(Node read) => read.Op is Leaf || (read.Op is Transposition && read.Inputs[0].Op is Parameter) || byRow.Contains(read);
    }
}
