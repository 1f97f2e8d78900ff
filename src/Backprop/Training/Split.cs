using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Splits a table's rows into training and validation rows by a seed.</summary>
internal static class Split
{
    /// <summary>
    /// Holds out a share of all rows, of each class about the same share, and of a group all rows or none; every class keeps a training row.
    /// Classes are those of a network's first head that has any.
    /// </summary>
    /// <remarks>
    /// With groups, no group left to train on would bring the number of rows held out nearer to the share, unless a class needs it; at
    /// least one group is held out if the share makes a row.
    /// </remarks>
    /// <param name="model">Says what the classes are.</param>
    /// <param name="examples">The table.</param>
    /// <param name="share">The share held out.</param>
    /// <param name="seed">Decides which rows.</param>
    /// <returns>Row numbers, each list ascending; the second is empty when the share makes less than one row.</returns>
    /// <exception cref="ArgumentException">Each group is the only one that has rows of some class.</exception>
    public static (int[] Training, int[] Validation) Rows<T>(Model model, Examples<T> examples, double share, long seed)
        where T : unmanaged, IFloatingPointIeee754<T>
        => Parts(model, examples, [0, share], seed)[0].Rows();

    /// <summary>
    /// Divides rows into that many folds, so that each network of several may hold out another: of each class about as many in each, and
    /// all rows of a group in one. A row that is its class's last, or whose group has such, is in no fold: all networks learn from it.
    /// </summary>
    /// <param name="model">Says what the classes are.</param>
    /// <param name="examples">The table.</param>
    /// <param name="count">How many folds.</param>
    /// <param name="seed">Decides which rows.</param>
    /// <returns>The fold of each row, from 0 without gaps; below 0 for none. There are fewer folds where rows or groups are too few.</returns>
    /// <exception cref="ArgumentException">Each group is the only one that has rows of some class.</exception>
    public static int[] Folds<T>(Model model, Examples<T> examples, int count, long seed) where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] bounds = [.. Enumerable.Range(0, count + 1).Select(fold => (double)fold / count)];
        var (folds, used) = (new int[examples.Rows], 0);
        folds.AsSpan().Fill(-1);
        foreach (var held in Parts(model, examples, bounds, seed).Where(part => part.Count > 0))
        {
            foreach (var row in held.Rows().Validation)
            {
                folds[row] = used;
            }

            used++;
        }

        return folds;
    }

    /// <summary>Holds out parts of the rows, each between two shares of all: no row in two of them.</summary>
    private static HeldOut[] Parts<T>(Model model, Examples<T> examples, double[] bounds, long seed)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new TorchRandom(seed);
        int ClassOf(int row) => model.ClassOf<T>(examples.Targets.AsSpan(row * examples.TargetColumns, examples.TargetColumns));
        var groups = new RowGroups(examples.Rows, examples.Groups);
        int[] classes = [.. Enumerable.Range(0, examples.Rows).Select(ClassOf)];
        HeldOut[] parts = [.. bounds.Skip(1).Select(_ => new HeldOut(groups, classes))];
        var (isHeld, drawn, seen) = (new bool[groups.Count], new List<int>(), 0);
        // Rounded over the classes together: many small classes hold out as many rows as one large one.
        int Due(int part) => (int)(seen * bounds[part + 1]) - (int)(seen * bounds[part]);
        foreach (var stratum in Enumerable.Range(0, groups.Count).GroupBy(parts[0].RarestClassOf).OrderBy(stratum => stratum.Key))
        {
            var own = stratum.ToArray();
            var order = new int[own.Length];
            random.FillPermutation(order);
            seen += own.Sum(group => groups[group].Length);
            for (var part = 0; part < parts.Length; part++)
            {
                foreach (var i in order)
                {
                    isHeld[own[i]] = isHeld[own[i]] || parts[part].AddIfNearer(own[i], Due(part));
                }
            }

            drawn.AddRange(order.Select(i => own[i]));
        }

        if (examples.Groups is not null)
        {
            for (var part = 0; part < parts.Length; part++)
            {
                FillUp(parts[part], groups, drawn, isHeld, Due(part));
            }

            if (Due(0) > 0 && parts.All(part => part.Count == 0))
            {
                throw NoneFits(groups.Count);
            }
        }

        return parts;
    }

    /// <summary>Holds out what other strata have that still fits, and one group in any case if there is one that can be.</summary>
    private static void FillUp(HeldOut held, RowGroups groups, List<int> drawn, bool[] isHeld, int due)
    {
        foreach (var group in drawn)
        {
            isHeld[group] = isHeld[group] || held.AddIfNearer(group, due);
        }

        if (due > 0 && held.Count == 0)
        {
            var smallest = drawn.OrderBy(group => groups[group].Length).Where(group => !isHeld[group]).Where(held.TryAdd).Take(1);
            foreach (var group in smallest)
            {
                isHeld[group] = true;
            }
        }
    }

    /// <summary>Says that no group can be held out.</summary>
    public static ArgumentException NoneFits(int groups) => new(
        $"None of the {groups} groups can be held out for validation: each is the only one that has rows of some class. "
        + $"Give more groups, or validation rows, or set {nameof(TrainingOptions.ValidationFraction)} to 0.");
}
