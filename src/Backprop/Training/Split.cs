using Backprop.Models;

namespace Backprop.Training;

/// <summary>Splits a table's rows into training and validation rows by a seed.</summary>
internal static class Split
{
    /// <summary>Holds out a share of the rows; of each class the same share, so that small classes stay on both sides.</summary>
    /// <returns>Row numbers, each list ascending; the second is empty when the share makes less than one row.</returns>
    public static (int[] Training, int[] Validation) Rows(Head head, Examples<float> examples, double share, long seed)
    {
        var random = new TorchRandom(seed);
        var classes = head == Head.Regression ? _ => 0f : (Func<int, float>)(row => examples.Targets[row * examples.TargetColumns]);
        var validation = new List<int>();
        foreach (var group in Enumerable.Range(0, examples.Rows).GroupBy(classes).OrderBy(group => group.Key))
        {
            var rows = group.ToArray();
            var order = new int[rows.Length];
            random.FillPermutation(order);
            validation.AddRange(order.Take((int)(rows.Length * share)).Select(i => rows[i]));
        }

        validation.Sort();
        var held = validation.ToHashSet();
        return ([.. Enumerable.Range(0, examples.Rows).Where(row => !held.Contains(row))], [.. validation]);
    }
}
