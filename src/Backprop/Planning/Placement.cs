using System.Numerics;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Kernels;

namespace Backprop.Planning;

/// <summary>
/// Gives every value of a graph a place: parameters in the store, constants apart, the others in one arena where they share what they need not keep.
/// </summary>
internal static class Placement
{
    /// <summary>The place of each value but sparse inputs, which lie in their tables.</summary>
    /// <param name="topology">The graph.</param>
    /// <param name="recipes">What computes it.</param>
    /// <param name="levels">When.</param>
    /// <param name="kept">Nodes whose values are read after a run.</param>
    /// <param name="parameters">Where parameters live.</param>
    /// <param name="workspace">Where the others live.</param>
    /// <param name="capacity">The most rows a batch has.</param>
    public static Dictionary<Node, Panels<T>> Of<T>(
        Topology topology,
        IReadOnlyList<Recipe> recipes,
        IReadOnlyList<int> levels,
        IReadOnlyList<Node> kept,
        ParameterStore<T> parameters,
        Workspace<T> workspace,
        int capacity) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var values = new Dictionary<Node, Panels<T>>();
        var last = levels.DefaultIfEmpty(0).Max() + 1;
        var alive = new Dictionary<Node, (int From, int To)>();
        void Touch(Node node, int level)
        {
            var (from, to) = alive.TryGetValue(node, out var known) ? known : (level, level);
            alive[node] = (Math.Min(from, level), Math.Max(to, level));
        }

        int Rows(Node node) => node.Shape.Rows == Shape.Batch ? capacity : node.Shape.Rows;
        foreach (var node in topology.Order)
        {
            switch (node.Op)
            {
                case Parameter or State:
                    values[node] = parameters.Values(node);
                    break;
                case Transposition when node.Inputs[0].Op is Parameter:
                    values[node] = parameters.Transposed(node.Inputs[0]);
                    break;
                case Constant constant:
                    // Written once, so no other plan may write here.
                    values[node] = new(Buffers.Allocate<T>(Panels<T>.Size(Rows(node), node.Shape.Columns)), Rows(node), node.Shape.Columns);
                    values[node].Fill(T.CreateTruncating(constant.Value));
                    break;
                case Leaf when !node.IsSparse:
                    Touch(node, 0);
                    break;
            }
        }

        for (var i = 0; i < recipes.Count; i++)
        {
            var written = new[] { recipes[i].Overwrites is null ? recipes[i].Result : null, recipes[i].Before, recipes[i].Loss };
            foreach (var node in written.OfType<Node>().Concat(recipes[i].Reads.Where(read => !values.ContainsKey(read) && !read.IsSparse)))
            {
                Touch(node, levels[i]);
                Touch(node, node.Op is MeanLoss ? levels[i] + 1 : levels[i]);
            }
        }

        foreach (var node in kept.Where(node => !values.ContainsKey(node)))
        {
            Touch(node, last);
        }

        var nodes = alive.Keys.ToList();
        var (offsets, size) = Arena.Pack([.. nodes.Select(n => (Panels<T>.Size(Rows(n), n.Shape.Columns), alive[n].From, alive[n].To))]);
        var arena = workspace.Reserve(size);
        foreach (var (node, offset) in nodes.Zip(offsets))
        {
            values[node] = new(arena with { Offset = arena.Offset + offset }, Rows(node), node.Shape.Columns);
        }

        return values;
    }
}
