using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Decides which rows of a run are trained on, and in which order they are kept, and which are held out.</summary>
/// <remarks>Of each class in the run about the same share is held out, and one row is left. Groups are held out as a whole.</remarks>
/// <param name="model">Says what the classes are.</param>
/// <param name="share">The share held out.</param>
/// <param name="seed">Decides which rows.</param>
/// <param name="memory">Counts what is remembered of groups.</param>
internal sealed class RunSplit<T>(Model model, double share, long seed, RowMemory memory) where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly TorchRandom random = new(Streams.Of(seed, Streams.Splits));
    private GroupSplit<T>? groups;

    /// <summary>Splits a run; rows to train on come in random order.</summary>
    public (int[] Training, int[] Validation) Of(RowBlock<T> run)
    {
        var order = new int[run.Rows];
        random.FillPermutation(order);
        if (run.HasGroups && share > 0)
        {
            groups ??= new(model, share, seed, memory);
            groups.Decide(run, order);
        }

        var held = new List<int>((int)Math.Ceiling(share * run.Rows));
        var due = groups is null ? DueOf(run) : null;
        var kept = 0;
        foreach (var row in order)
        {
            if (due is null ? groups!.IsHeld(run.GroupOf(row)) : --due[model.ClassOf<T>(run.TargetsOf(row))] >= 0)
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

    /// <summary>Ends splitting.</summary>
    /// <exception cref="ArgumentException">No group could be held out.</exception>
    public void Complete() => groups?.Complete();

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
}
