using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Splits a table's rows into training and validation rows by a seed.</summary>
internal static class Split
{
    /// <summary>Holds out a share of all rows, of each class about the same share; every class keeps a training row.</summary>
    /// <param name="head">Says what the classes are.</param>
    /// <param name="targets">How many target columns are its own: the first.</param>
    /// <param name="examples">The table.</param>
    /// <param name="share">The share held out.</param>
    /// <param name="seed">Decides which rows.</param>
    /// <returns>Row numbers, each list ascending; the second is empty when the share makes less than one row.</returns>
    public static (int[] Training, int[] Validation) Rows<T>(Head head, int targets, Examples<T> examples, double share, long seed)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new TorchRandom(seed);
        int ClassOf(int row) => head.ClassOf<T>(examples.Targets.AsSpan(row * examples.TargetColumns, targets));
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
