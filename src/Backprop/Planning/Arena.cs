namespace Backprop.Planning;

/// <summary>Packs buffers that are never alive together into one.</summary>
internal static class Arena
{
    /// <summary>Places buffers, the largest first, each at the lowest place where it meets no other that is alive with it.</summary>
    /// <param name="buffers">Sizes and, both inclusive, the levels between which each is alive.</param>
    /// <returns>The offset of each and the size of the whole.</returns>
    public static (IReadOnlyList<int> Offsets, int Size) Pack(IReadOnlyList<(int Size, int From, int To)> buffers)
    {
        var offsets = new int[buffers.Count];
        var placed = new List<int>();
        var total = 0;
        foreach (var i in Enumerable.Range(0, buffers.Count).OrderByDescending(i => buffers[i].Size).ThenBy(i => i))
        {
            var (size, from, to) = buffers[i];
            var offset = 0;
            foreach (var j in placed.Where(j => buffers[j].From <= to && from <= buffers[j].To).OrderBy(j => offsets[j]))
            {
                if (offset + size <= offsets[j])
                {
                    break;
                }

                offset = Math.Max(offset, offsets[j] + buffers[j].Size);
            }

            offsets[i] = offset;
            placed.Add(i);
            total = checked(Math.Max(total, offset + size));
        }

        return (offsets, total);
    }
}
