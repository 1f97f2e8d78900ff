using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Splits a table's rows into training and validation rows by a seed.</summary>
internal static class Split
{
    /// <summary>The same by the classes of a network's first head that has any.</summary>
    public static (int[] Training, int[] Validation) Rows<T>(Model model, Examples<T> examples, double share, long seed)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var first = 0;
        foreach (var (logits, head, _) in model.HeadOutputs)
        {
            var columns = head.TargetColumns(logits.Width);
            if (head.Classifies)
            {
                return Rows(head, first..(first + columns), examples, share, seed);
            }

            first += columns;
        }

        return Rows(model.HeadOutputs[0].Head, .., examples, share, seed);
    }

    /// <summary>
    /// Holds out a share of all rows, of each class about the same share, and of a group all rows or none; every class keeps a training row.
    /// </summary>
    /// <remarks>
    /// With groups, no group left to train on would bring the number of rows held out nearer to the share, unless a class needs it; at
    /// least one group is held out if the share makes a row.
    /// </remarks>
    /// <param name="head">Says what the classes are.</param>
    /// <param name="columns">Which target columns are its own.</param>
    /// <param name="examples">The table.</param>
    /// <param name="share">The share held out.</param>
    /// <param name="seed">Decides which rows.</param>
    /// <returns>Row numbers, each list ascending; the second is empty when the share makes less than one row.</returns>
    /// <exception cref="ArgumentException">Each group is the only one that has rows of some class.</exception>
    public static (int[] Training, int[] Validation) Rows<T>(Head head, Range columns, Examples<T> examples, double share, long seed)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new TorchRandom(seed);
        int ClassOf(int row) => head.ClassOf<T>(examples.Targets.AsSpan(row * examples.TargetColumns, examples.TargetColumns)[columns]);
        var groups = new RowGroups(examples.Rows, examples.Groups);
        var held = new HeldOut(groups, [.. Enumerable.Range(0, examples.Rows).Select(ClassOf)]);
        var drawn = new List<int>();
        var seen = 0;
        foreach (var stratum in Enumerable.Range(0, groups.Count).GroupBy(held.RarestClassOf).OrderBy(stratum => stratum.Key))
        {
            var own = stratum.ToArray();
            var order = new int[own.Length];
            random.FillPermutation(order);
            // Rounded over the classes together: many small classes hold out as many rows as one large one.
            seen += own.Sum(group => groups[group].Length);
            foreach (var i in order)
            {
                held.AddIfNearer(own[i], due: (int)(seen * share));
                drawn.Add(own[i]);
            }
        }

        if (examples.Groups is not null)
        {
            FillUp(held, groups, drawn, due: (int)(seen * share));
        }

        return held.Rows();
    }

    /// <summary>Holds out what other strata have that still fits, and one group in any case.</summary>
    private static void FillUp(HeldOut held, RowGroups groups, List<int> drawn, int due)
    {
        foreach (var group in drawn)
        {
            held.AddIfNearer(group, due);
        }

        if (due > 0 && held.Count == 0 && !drawn.OrderBy(group => groups[group].Length).Any(held.TryAdd))
        {
            throw NoneFits(groups.Count);
        }
    }

    /// <summary>Says that no group can be held out.</summary>
    public static ArgumentException NoneFits(int groups) => new(
        $"None of the {groups} groups can be held out for validation: each is the only one that has rows of some class. "
        + $"Give more groups, or validation rows, or set {nameof(TrainingOptions.ValidationFraction)} to 0.");
}
