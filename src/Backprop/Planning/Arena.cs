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
        // In ascending order of offsets, so that one pass finds the first gap.
        var placed = new List<(int Offset, int End, int From, int To)>(buffers.Count);
        var total = 0;
        foreach (var i in Enumerable.Range(0, buffers.Count).OrderByDescending(i => buffers[i].Size).ThenBy(i => i))
        {
            var (size, from, to) = buffers[i];
            var (offset, place) = (0, 0);
            for (; place < placed.Count && placed[place].Offset < offset + size; place++)
            {
                var other = placed[place];
                if (other.From <= to && from <= other.To)
                {
                    offset = Math.Max(offset, other.End);
                }
            }

            offsets[i] = offset;
            placed.Insert(~placed.BinarySearch((offset, int.MaxValue, 0, 0)), (offset, checked(offset + size), from, to));
            total = Math.Max(total, offset + size);
        }

        return (offsets, total);
    }
}
