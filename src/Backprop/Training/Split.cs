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

    /// <summary>Holds out a share of all rows, of each class about the same share; every class keeps a training row.</summary>
    /// <param name="head">Says what the classes are.</param>
    /// <param name="columns">Which target columns are its own.</param>
    /// <param name="examples">The table.</param>
    /// <param name="share">The share held out.</param>
    /// <param name="seed">Decides which rows.</param>
    /// <returns>Row numbers, each list ascending; the second is empty when the share makes less than one row.</returns>
    public static (int[] Training, int[] Validation) Rows<T>(Head head, Range columns, Examples<T> examples, double share, long seed)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new TorchRandom(seed);
        int ClassOf(int row) => head.ClassOf<T>(examples.Targets.AsSpan(row * examples.TargetColumns, examples.TargetColumns)[columns]);
        var validation = new List<int>();
        var seen = 0;
        foreach (var group in Enumerable.Range(0, examples.Rows).GroupBy(ClassOf).OrderBy(group => group.Key))
        {
            var rows = group.ToArray();
            var order = new int[rows.Length];
            random.FillPermutation(order);
            // Rounded over the classes together: many small classes hold out as many rows as one large one.
            var due = (int)((seen + rows.Length) * share) - validation.Count;
            validation.AddRange(order.Take(Math.Min(due, rows.Length - 1)).Select(i => rows[i]));
            seen += rows.Length;
        }

        validation.Sort();
        var held = validation.ToHashSet();
        return ([.. Enumerable.Range(0, examples.Rows).Where(row => !held.Contains(row))], [.. validation]);
    }
}
