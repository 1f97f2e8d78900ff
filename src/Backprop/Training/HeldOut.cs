namespace Backprop.Training;

/// <summary>Groups of rows held out of training, one after the other, as long as every class keeps a row to train on.</summary>
/// <param name="groups">The groups.</param>
/// <param name="classes">The class of each row.</param>
internal sealed class HeldOut(RowGroups groups, int[] classes)
{
    private readonly Dictionary<int, int> total = classes.CountBy(c => c).ToDictionary();
    private readonly Dictionary<int, int> left = classes.CountBy(c => c).ToDictionary();
    private readonly bool[] isHeld = new bool[classes.Length];

    /// <summary>How many rows are held out.</summary>
    public int Count { get; private set; }

    /// <summary>The class of a group's rows of which the whole table has the fewest, and the lowest of equals.</summary>
    public int RarestClassOf(int group)
    {
        var rows = groups[group];
        var rarest = classes[rows[0]];
        foreach (var row in rows[1..])
        {
            var other = classes[row];
            if (other != rarest && (total[other], other).CompareTo((total[rarest], rarest)) < 0)
            {
                rarest = other;
            }
        }

        return rarest;
    }

    /// <summary>Holds a group out if that brings the number of rows nearer to what is due.</summary>
    /// <returns>Whether it is held out now and was not before.</returns>
    public bool AddIfNearer(int group, int due)
        => Math.Abs(due - Count - groups[group].Length) < Math.Abs(due - Count) && TryAdd(group);

    /// <summary>Holds a group out unless it is already, or a class would lose its last row.</summary>
    public bool TryAdd(int group)
    {
        var rows = groups[group];
        if (isHeld[rows[0]])
        {
            return false;
        }

        var enough = true;
        foreach (var row in rows)
        {
            enough &= --left[classes[row]] > 0;
        }

        foreach (var row in rows)
        {
            (isHeld[row], left[classes[row]]) = (enough, left[classes[row]] + (enough ? 0 : 1));
        }

        Count += enough ? rows.Length : 0;
        return enough;
    }

    /// <summary>The rows to train on and those held out, each ascending.</summary>
    public (int[] Training, int[] Validation) Rows()
    {
        var all = Enumerable.Range(0, classes.Length);
        return ([.. all.Where(row => !isHeld[row])], [.. all.Where(row => isHeld[row])]);
    }
}
