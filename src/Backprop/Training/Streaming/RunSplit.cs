using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Decides which rows of a run are trained on, and in which order they are kept, and which are held out.</summary>
/// <remarks>
/// Of each class in the run about the same share is held out, and one row is left. With groups, the hash of a group's number decides
/// about all of its rows, whenever they come: the share is met on average only.
/// </remarks>
/// <param name="model">Says what the classes are.</param>
/// <param name="share">The share held out.</param>
/// <param name="seed">Decides which rows.</param>
internal sealed class RunSplit<T>(Model model, double share, long seed) where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly TorchRandom random = new(Streams.Of(seed, Streams.Splits));

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

    private bool IsHeld(long group)
    {
        // The finalizer of SplitMix64 (Steele, Lea and Flood, 2014) over both numbers.
        var h = (ulong)group + ((ulong)seed + 1) * 0x9E3779B97F4A7C15;
        h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9;
        h = (h ^ (h >> 27)) * 0x94D049BB133111EB;
        return ((h ^ (h >> 31)) >> 11) * (1.0 / (1L << 53)) < share;
    }
}
