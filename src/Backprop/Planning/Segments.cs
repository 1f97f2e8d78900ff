using Backprop.Graph;
using Backprop.Kernels;

namespace Backprop.Planning;

/// <summary>Cuts a forward pass into segments so that little is kept: what passes a cut, and one segment's values at a time.</summary>
/// <remarks>
/// As gradients arrive at a segment, the values that passed the cuts behind it are no longer kept. So segments become shorter towards the end,
/// and the values kept of L equal layers grow like √(2L).
/// </remarks>
internal sealed class Segments
{
    private readonly IReadOnlyList<Node> order;
    private readonly bool[] read;

    // The place of the last node that reads this one, and the nodes last read at a place.
    private readonly int[] lastUse;
    private readonly ILookup<int, int> lastReads;

    private Segments(Topology topology, IReadOnlyList<Node> order, Func<Node, bool> isReadBackward)
    {
        this.order = order;
        read = [.. order.Select(isReadBackward)];
        var places = order.Select((node, place) => (node, place)).ToDictionary(pair => pair.node, pair => pair.place);
        lastUse = [.. order.Select(node => topology.Consumers(node).Select(use => places.GetValueOrDefault(use.Consumer, -1)).DefaultIfEmpty(-1).Max())];
        lastReads = Enumerable.Range(0, order.Count).ToLookup(place => lastUse[place]);
    }

    /// <summary>The segment of each node that is not kept.</summary>
    /// <param name="topology">The graph.</param>
    /// <param name="order">The nodes of the forward pass that can be computed again, each after its inputs.</param>
    /// <param name="isReadBackward">Whether the backward pass uses a node's numbers.</param>
    public static Dictionary<Node, int> Of(Topology topology, IReadOnlyList<Node> order, Func<Node, bool> isReadBackward)
    {
        var segments = new Segments(topology, order, isReadBackward);
        // The least that is enough, by halves.
        var (least, most) = (0L, Enumerable.Range(0, order.Count).Sum(segments.Size));
        var cuts = new List<int>();
        while (least < most)
        {
            var middle = (least + most) / 2;
            if (segments.TryCut(middle) is { } better)
            {
                (cuts, most) = (better, middle);
            }
            else
            {
                least = middle + 1;
            }
        }

        var found = new Dictionary<Node, int>();
        var from = 0;
        for (var i = 0; i < cuts.Count; i++)
        {
            for (var place = from; place <= cuts[i]; place++)
            {
                if (segments.lastUse[place] <= cuts[i])
                {
                    found[order[place]] = i;
                }
            }

            from = cuts[i] + 1;
        }

        return found;
    }

    /// <summary>The last place of each segment but the last, if no more numbers than that are kept at any time.</summary>
    private List<int>? TryCut(long most)
    {
        var cuts = new List<int>();
        var (from, passed) = (0, 0L);
        var (held, open, cost) = (0L, 0L, 0L);
        (int Place, long Open, long Cost, long Held)? best = null;
        for (var place = 0; place < order.Count; place++)
        {
            var size = Size(place);
            held += read[place] ? size : 0;
            if (passed + held > most)
            {
                if (best is not { } cut)
                {
                    return null;
                }

                cuts.Add(cut.Place);
                passed += cut.Open;
                (place, from, held, open, cost, best) = (cut.Place, cut.Place + 1, 0, 0, 0, null);
                continue;
            }

            foreach (var end in lastReads[place].Where(end => end >= from))
            {
                (open, cost) = (open - Size(end), cost - Cost(end));
            }

            if (lastUse[place] > place)
            {
                (open, cost) = (open + size, cost + Cost(place));
            }

            // The most done for the least kept.
            if (place < order.Count - 1 && held > 0 && (best is null || (double)cost * best.Value.Held <= (double)best.Value.Cost * held))
            {
                best = (place, open, cost, held);
            }
        }

        return cuts;
    }

    private long Size(int place) => (order[place].Shape.Columns + Panels<float>.Width - 1) / Panels<float>.Width;

    // What is kept only for the cut costs more than what gradients read anyway.
    private long Cost(int place) => read[place] ? Size(place) : 2 * Size(place);
}
