using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Decides which rows of a run are trained on, and in which order they are kept, and which are held out.</summary>
/// <remarks>
/// Of each class in the run about the same share is held out, and one row is left. Groups are decided about when their first row is met,
/// in random order: the first is held out, and then so many that the share of groups is; of more groups than can be remembered, the
/// hash of their number decides.
/// </remarks>
/// <param name="model">Says what the classes are.</param>
/// <param name="share">The share held out.</param>
/// <param name="seed">Decides which rows.</param>
/// <param name="memory">Counts what is remembered, 1/85 of the cap at most.</param>
internal sealed class RunSplit<T>(Model model, double share, long seed, RowMemory memory) where T : unmanaged, IFloatingPointIeee754<T>
{
    // A pair of a number and an answer with its place in the table, which is up to twice as long as needed.
    private const int GroupBytes = 48;
    private const int GroupsOfCap = 1 << 12;
    private readonly TorchRandom random = new(Streams.Of(seed, Streams.Splits));
    private readonly Dictionary<long, bool> decided = [];

    /// <summary>Splits a run; rows to train on come in random order.</summary>
    public (int[] Training, int[] Validation) Of(RowBlock<T> run)
    {
        var order = new int[run.Rows];
        random.FillPermutation(order);
        var held = new List<int>((int)Math.Ceiling(share * run.Rows));
        var due = run.HasGroups ? null : DueOf(run);
        var kept = 0;
        foreach (var row in order)
        {
            if (due is null ? IsHeld(run.GroupOf(row)) : --due[model.ClassOf<T>(run.TargetsOf(row))] >= 0)
            {
                held.Add(row);
            }
            else
            {
                order[kept++] = row;
            }
        }

        Array.Resize(ref order, kept);
        return (order, [.. held]);
    }

    /// <summary>How many rows of each class are held out.</summary>
    private SortedDictionary<int, int> DueOf(RowBlock<T> run)
    {
        var counts = new SortedDictionary<int, int>();
        for (var row = 0; row < run.Rows; row++)
        {
            var label = model.ClassOf<T>(run.TargetsOf(row));
            counts[label] = counts.GetValueOrDefault(label) + 1;
        }

        var due = new SortedDictionary<int, int>();
        var (seen, held) = (0, 0);
        foreach (var (label, count) in counts)
        {
            seen += count;
            due[label] = Math.Min((int)(seen * share) - held, count - 1);
            held += due[label];
        }

        return due;
    }

    /// <summary>Forgets the groups.</summary>
    public void Release()
    {
        memory.Take<byte>(-(long)GroupBytes * decided.Count);
        decided.Clear();
    }

    private bool IsHeld(long group)
    {
        if (decided.TryGetValue(group, out var isHeld))
        {
            return isHeld;
        }

        if (decided.Count >= memory.Cap / GroupsOfCap)
        {
            return UnitOf(group) < share;
        }

        isHeld = Math.Floor(decided.Count * share) > Math.Floor((decided.Count - 1) * share);
        decided.Add(group, isHeld);
        memory.Take<byte>(GroupBytes);
        return isHeld;
    }

    /// <summary>A number from 0 to below 1: the finalizer of SplitMix64 (Steele, Lea and Flood, 2014) over the group and the seed.</summary>
    private double UnitOf(long group)
    {
        var h = (ulong)group + ((ulong)seed + 1) * 0x9E3779B97F4A7C15;
        h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9;
        h = (h ^ (h >> 27)) * 0x94D049BB133111EB;
        return ((h ^ (h >> 31)) >> 11) * (1.0 / (1L << 53));
    }
}
