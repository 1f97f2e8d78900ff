using System.Numerics;
using System.Runtime.InteropServices;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Decides which groups are held out, of rows that come run by run, as <see cref="Split"/> does of a table.</summary>
/// <remarks>
/// A group is decided about in the run that its first row comes in, in random order: it is held out if that brings the rows held out nearer
/// to their share of the rows so far, and every class in its rows keeps one to train on. As long as none is held out, and the share makes
/// a row, the smallest that can be is. Of more groups than can be remembered, the hash of their number decides.
/// </remarks>
/// <param name="model">Says what the classes are.</param>
/// <param name="share">The share held out, above 0.</param>
/// <param name="seed">Decides about groups that cannot be remembered.</param>
/// <param name="memory">Counts what is remembered, 1/85 of the cap at most.</param>
internal sealed class GroupSplit<T>(Model model, double share, long seed, RowMemory memory) where T : unmanaged, IFloatingPointIeee754<T>
{
    // A pair of a number and an answer with its place in the table, which is up to twice as long as needed.
    private const int GroupBytes = 48;
    private const int GroupsOfCap = 1 << 12;
    private readonly Dictionary<long, bool> decided = [];
    private readonly Dictionary<int, long> left = [];
    private long seen;
    private long held;
    private bool anyHeld;

    /// <summary>Decides about the groups that a run is the first to have.</summary>
    /// <param name="run">The rows.</param>
    /// <param name="order">The order in which they are looked at.</param>
    public void Decide(RowBlock<T> run, ReadOnlySpan<int> order)
    {
        var (fresh, places, previous) = (new List<Fresh>(), new Dictionary<long, int>(), new int[run.Rows]);
        foreach (var row in order)
        {
            var group = run.GroupOf(row);
            if (!places.TryGetValue(group, out var place))
            {
                if (!IsNew(group))
                {
                    Count(ClassOf(run, row), IsHeld(group), decided.ContainsKey(group));
                    continue;
                }

                decided.Add(group, false);
                memory.Take<byte>(GroupBytes);
                places.Add(group, place = fresh.Count);
                fresh.Add(new(group, 0, -1));
            }

            previous[row] = fresh[place].LastRow;
            fresh[place] = new(group, fresh[place].Rows + 1, row);
            Left(ClassOf(run, row))++;
        }

        foreach (var group in fresh)
        {
            seen += group.Rows;
            var missing = Math.Floor(seen * share) - held;
            if (Math.Abs(missing - group.Rows) < Math.Abs(missing))
            {
                TryHold(group, run, previous);
            }
        }

        if (!anyHeld && seen * share >= 1)
        {
            _ = fresh.OrderBy(group => group.Rows).Any(group => TryHold(group, run, previous));
        }
    }

    /// <summary>Whether a group is held out, which was decided about.</summary>
    public bool IsHeld(long group) => decided.TryGetValue(group, out var isHeld) ? isHeld : UnitOf(group) < share;

    /// <summary>Forgets the groups.</summary>
    /// <exception cref="ArgumentException">None could be held out.</exception>
    public void Complete()
    {
        var groups = decided.Count;
        memory.Take<byte>(-(long)GroupBytes * groups);
        decided.Clear();
        if (!anyHeld && seen * share >= 1)
        {
            throw Split.NoneFits(groups);
        }
    }

    private bool IsNew(long group) => !decided.ContainsKey(group) && decided.Count < memory.Cap / GroupsOfCap;

    private int ClassOf(RowBlock<T> run, int row) => model.ClassOf<T>(run.TargetsOf(row));

    private ref long Left(int label) => ref CollectionsMarshal.GetValueRefOrAddDefault(left, label, out _);

    /// <summary>Counts a row of a group that was decided about; those that only their hash decides about have their share by themselves.</summary>
    private void Count(int label, bool isHeld, bool isRemembered)
    {
        anyHeld |= isHeld;
        Left(label) += isHeld ? 0 : 1;
        seen += isRemembered ? 1 : 0;
        held += isRemembered && isHeld ? 1 : 0;
    }

    /// <summary>Holds a group out unless a class would lose its last row.</summary>
    private bool TryHold(Fresh group, RowBlock<T> run, int[] previous)
    {
        var enough = true;
        for (var row = group.LastRow; row >= 0; row = previous[row])
        {
            enough &= --Left(ClassOf(run, row)) > 0;
        }

        if (enough)
        {
            (decided[group.Number], anyHeld, held) = (true, true, held + group.Rows);
            return true;
        }

        for (var row = group.LastRow; row >= 0; row = previous[row])
        {
            Left(ClassOf(run, row))++;
        }

        return false;
    }

    /// <summary>A number from 0 to below 1: the finalizer of SplitMix64 (Steele, Lea and Flood, 2014) over the group and the seed.</summary>
    private double UnitOf(long group)
    {
        var h = (ulong)group + ((ulong)seed + 1) * 0x9E3779B97F4A7C15;
        h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9;
        h = (h ^ (h >> 27)) * 0x94D049BB133111EB;
        return ((h ^ (h >> 31)) >> 11) * (1.0 / (1L << 53));
    }

    /// <summary>A group that is decided about: how many rows of the run it has, and the last; each row knows the one before.</summary>
    private readonly record struct Fresh(long Number, int Rows, int LastRow);
}
