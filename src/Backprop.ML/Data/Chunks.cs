namespace Backprop.ML;

/// <summary>Values one after another, in arrays of which there are more as they grow: none is copied before the end.</summary>
internal sealed class Chunks<T> where T : unmanaged
{
    private const int LeastLength = 4096;

    // At most 64 MB of floats are asked for ahead.
    private const int MostLength = 1 << 24;

    private readonly List<ArraySegment<T>> full = [];
    private T[] current = [];
    private int used;
    private long before;

    /// <summary>None yet, and it is not known how many.</summary>
    internal Chunks()
    {
    }

    /// <summary>None yet, but room for those expected: if they are as many, they are never copied.</summary>
    /// <exception cref="InvalidOperationException">They do not fit in one array.</exception>
    internal Chunks(long rowsExpected, int width) => current = Room(rowsExpected * width);

    /// <summary>How many values there are.</summary>
    internal long Count => before + used;

    /// <summary>The next values, to be written.</summary>
    /// <exception cref="InvalidOperationException">All of them do not fit in one array.</exception>
    internal Span<T> Next(int count)
    {
        if (count > current.Length - used)
        {
            Grow(count);
        }

        var values = current.AsSpan(used, count);
        used += count;
        return values;
    }

    /// <summary>All values in one array, without room to spare. No more can be added.</summary>
    internal T[] ToArray()
    {
        if (before == 0 && used == current.Length)
        {
            return current;
        }

        var (values, at) = (Room(Count), 0);
        foreach (var chunk in full.Append(new(current, 0, used)))
        {
            chunk.AsSpan().CopyTo(values.AsSpan(at));
            at += chunk.Count;
        }

        return values;
    }

    private void Grow(int count)
    {
        full.Add(new(current, 0, used));
        (before, used) = (Count, 0);
        current = Room(Math.Max(count, Math.Min(Math.Clamp(before, LeastLength, MostLength), Array.MaxLength - before)), before);
    }

    // Not cleared: every value is written before it is read.
    private static T[] Room(long count, long before = 0) => before + count <= Array.MaxLength
        ? GC.AllocateUninitializedArray<T>((int)count)
        : throw new InvalidOperationException(
            $"{before + count} values are more than the {Array.MaxLength} one array holds. Train on fewer rows or features.");
}
