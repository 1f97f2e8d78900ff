namespace Backprop.Training;

/// <summary>A table's rows in groups, numbered by their first rows; without groups, each row is one.</summary>
internal sealed class RowGroups
{
    private readonly int[] rows;
    private readonly int[] starts;

    /// <summary>Groups rows.</summary>
    /// <param name="rowCount">The number of rows.</param>
    /// <param name="groups">Each row's group, whatever its number; null for none.</param>
    public RowGroups(int rowCount, long[]? groups)
    {
        if (groups is null)
        {
            (rows, starts) = ([.. Enumerable.Range(0, rowCount)], [.. Enumerable.Range(0, rowCount + 1)]);
            return;
        }

        var numbers = new Dictionary<long, int>();
        var groupOf = Array.ConvertAll(groups, group => numbers.TryAdd(group, numbers.Count) ? numbers.Count - 1 : numbers[group]);
        (rows, starts) = (new int[rowCount], new int[numbers.Count + 1]);
        foreach (var group in groupOf)
        {
            starts[group + 1]++;
        }

        for (var group = 0; group < Count; group++)
        {
            starts[group + 1] += starts[group];
        }

        var next = starts[..^1];
        for (var row = 0; row < rowCount; row++)
        {
            rows[next[groupOf[row]]++] = row;
        }
    }

    /// <summary>The number of groups.</summary>
    public int Count => starts.Length - 1;

    /// <summary>A group's rows, ascending.</summary>
    public ReadOnlySpan<int> this[int group] => rows.AsSpan(starts[group]..starts[group + 1]);
}
