using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>Rows that went through the file: each is visited once a pass, as it was given, and their buffers keep below the cap.</summary>
public class CachedRowTests
{
    public static TheoryData<int, long, int, bool> Passes
    {
        get
        {
            var data = new TheoryData<int, long, int, bool>();
            foreach (var (batch, seed) in new[] { (1, 1), (7, 2), (64, 3), (500, 4) })
            {
                data.Add(batch, seed, 1, false);
                data.Add(batch, seed, 1, true);
            }

            data.Add(64, 5, 2, false);
            data.Add(64, 5, 2, true);
            return data;
        }
    }

    [Theory, MemberData(nameof(Passes))]
    public void EveryRowIsVisitedOnceAPassAsItWasGiven(int batch, long seed, int caps, bool sparse)
    {
        var table = Streamed.Classes(sparse ? 60_000 : 9_000, sparse);
        using var rows = Cached(table, Streamed.Options with { BatchSize = batch, Seed = seed, MemoryCap = caps * Streamed.Cap, ValidationFraction = 0.2 });
        using var reader = rows.ToReader();
        var (random, orders) = (new TorchRandom(seed), new List<List<int>>());
        var training = new CachedSource<float>(reader, rows.Training, true, null);
        var validation = new CachedSource<float>(reader, rows.Validation, true, null);
        for (var pass = 0; pass < 3; pass++)
        {
            training.Shuffle(random, batch);
            orders.Add(Visit(training, batch, table));
            validation.Rewind(64);
            var held = Visit(validation, 64, table);
            Assert.InRange(held.Count, 0.199 * table.Rows, 0.2 * table.Rows);
            Assert.Equal(Catalogue.Rows(table.Rows), orders[^1].Concat(held).Order());
        }

        Assert.NotEqual(orders[0], orders[1]);
        Assert.NotEqual(orders[1], orders[2]);
        Assert.InRange(rows.Memory.PeakBytes, 0.9 * caps * Streamed.Cap, caps * Streamed.Cap);
        Assert.True(rows.FileBytes > 1.8 * Streamed.Cap, $"{rows.FileBytes} bytes in the file");
    }

    [Fact]
    public void RowsThatCameTogetherAreSpreadOverThePass()
    {
        // Classes 0, 1 and 2 came one after another: each tenth of a pass has about a third of each.
        var table = Streamed.Classes(9_000);
        using var rows = Cached(table, Streamed.Options);
        using var reader = rows.ToReader();
        var source = new CachedSource<float>(reader, rows.Training, true, null);
        source.Shuffle(new(1), 50);
        foreach (var part in Visit(source, 50, table).Chunk(810).Take(10))
        {
            for (var label = 0; label < 3; label++)
            {
                // 270 expected; independent draws would deviate by 13, and a segment brings 62 rows of a class at a time.
                Assert.InRange(part.Count(row => table.Targets[row] == label), 170, 370);
            }
        }
    }

    [Fact]
    public void ABatchIsWholeUnlessItIsThePassesLast()
    {
        var table = Streamed.Classes(9_000);
        using var rows = Cached(table, Streamed.Options with { ValidationFraction = 0 });
        using var reader = rows.ToReader();
        var source = new CachedSource<float>(reader, rows.Training, true, null);
        source.Shuffle(new(1), 400);
        var lengths = new List<int>();
        while (source.Position < source.Rows)
        {
            lengths.Add(source.Next((int)Math.Min(400, source.Rows - source.Position)).Rows.Length);
        }

        Assert.Equal([.. Enumerable.Repeat(400, 22), 200], lengths);
    }

    [Fact]
    public void HeldOutRowsHaveTheirShareOfEveryClass()
    {
        var table = Streamed.Classes(9_000);
        using var rows = Cached(table, Streamed.Options);
        using var reader = rows.ToReader();
        var source = new CachedSource<float>(reader, rows.Validation, true, null);
        source.Rewind(64);
        var held = Visit(source, 64, table).CountBy(row => table.Targets[row]).ToDictionary();
        Assert.All(held.Values, count => Assert.InRange(count, 295, 300));
        Assert.Equal(3, held.Count);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void GroupsAreNotDivided(bool sparse)
    {
        var table = Streamed.Classes(sparse ? 60_000 : 9_000, sparse);
        using var rows = Cached(table, Streamed.Options with { ValidationFraction = 0.3 }, row => row % 997);
        using var reader = rows.ToReader();
        var validation = new CachedSource<float>(reader, rows.Validation, true, null);
        validation.Rewind(64);
        var held = Visit(validation, 64, table);
        var groups = held.Select(row => row % 997).ToHashSet();
        Assert.Equal(Catalogue.Rows(table.Rows).Where(row => groups.Contains(row % 997)), held.Order());
        // The first 256 by their number, the others by draws with probability 0.3: 299 ± 13.
        Assert.InRange(groups.Count, 240, 360);
        Assert.InRange(rows.Memory.PeakBytes, 0, Streamed.Cap);
    }

    [Theory, InlineData(2, 1, 1), InlineData(10, 1, 1), InlineData(11, 1, 1), InlineData(200, 19, 21)]
    public void OfFewGroupsTheirShareIsHeldOutAndOneAtLeast(int groups, int least, int most)
    {
        var table = Streamed.Classes(9_000);
        foreach (var seed in new[] { 1, 2, 3 })
        {
            using var rows = Cached(table, Streamed.Options with { Seed = seed }, row => row % groups);
            using var reader = rows.ToReader();
            var validation = new CachedSource<float>(reader, rows.Validation, true, null);
            validation.Rewind(64);
            Assert.InRange(Visit(validation, 64, table).Select(row => row % groups).Distinct().Count(), least, most);
        }
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void OfGroupsThatCameTogetherTheNearestToTheShareAreHeldOutAndEveryClassIsTrainedOn(long seed)
    {
        // Half of each class is one large group, which comes first; the others have 45 rows each.
        var table = Streamed.Classes(9_000);
        long GroupOf(int row) => row % 3_000 < 1_500 ? -1 - row / 3_000 : row / 45;
        using var rows = Cached(table, Streamed.Options with { Seed = seed }, GroupOf);
        using var reader = rows.ToReader();
        var validation = new CachedSource<float>(reader, rows.Validation, true, null);
        validation.Rewind(64);
        var held = Visit(validation, 64, table);
        // A run may be nothing but a part of a large group: then its share is made up for by others.
        Assert.InRange(held.Count, 700, 1_000);
        Assert.All(held, row => Assert.True(GroupOf(row) >= 0, $"row {row} is of a large group"));
    }

    [Fact]
    public void AGroupThatAloneHasAClassIsTrainedOn()
    {
        var table = Streamed.Classes(9_000);
        var message = Assert.Throws<ArgumentException>(() => Cached(table, Streamed.Options, row => row / 3_000)).Message;
        Assert.StartsWith("None of the 3 groups can be held out for validation: each is the only one that has rows of some class.", message);
    }

    [Fact]
    public void TheListOfPartsExceedsTheLeastCapByLittleOfTheFile()
    {
        var row = Enumerable.Repeat(1f, Streamed.Columns).ToArray();
        using var rows = new CappedRows<float>(Streamed.Network, Streamed.Options, new(Streamed.Columns, 1, false, false), 0.1, null);
        for (var i = 0; i < 200_000; i++)
        {
            rows.Add(new(row), [i % 3], 1, 0);
        }

        rows.Complete();
        using var reader = rows.ToReader();
        rows.Training.Shuffle(new(1));
        rows.Validation.Rewind();
        Assert.InRange(rows.Memory.PeakBytes, Streamed.Cap + 1, Streamed.Cap + rows.FileBytes / 128);
    }

    [Fact]
    public void AFileThatCannotBeMadeIsToldWithItsFolder()
    {
        // Nobody can make a file there, whatever rights it has.
        if (OperatingSystem.IsLinux())
        {
            var message = Assert.Throws<IOException>(() => new RowFile("/proc")).Message;
            Assert.StartsWith("The rows above the memory cap are kept in a file in '/proc', which could not be made at 0 bytes: ", message);
            Assert.EndsWith(". Choose a folder with more room as CacheFolder, or raise MemoryCap.", message);
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void BuffersAreJoinedToTheTable(bool sparse, bool becomesDense)
    {
        var table = Streamed.Classes(2_000, sparse);
        var memory = new RowMemory(long.MaxValue);
        var buffers = new List<RowBlock<float>> { new(new(Streamed.Columns, 1, true, true), memory, 30_000) };
        void Add(FeatureRow<float> row, int number)
        {
            if (!buffers[^1].TryAdd(row, [number], 1 + number, -number))
            {
                buffers.Add(buffers[^1].NewAlike(grouped: true));
                Assert.True(buffers[^1].TryAdd(row, [number], 1 + number, -number));
            }
        }

        for (var row = 0; row < table.Rows; row++)
        {
            Add(RowOf(table, row), row);
        }

        var ones = Enumerable.Repeat(1f, Streamed.Columns).ToArray();
        for (var row = 0; row < (becomesDense ? 200 : 0); row++)
        {
            Add(new(ones), table.Rows + row);
        }

        Assert.True(buffers.Count > 3, $"{buffers.Count} buffers");
        var (rows, found, expected) = (buffers.Sum(buffer => buffer.Rows), new float[Streamed.Columns], new float[Streamed.Columns]);
        var joined = buffers[^1].TryJoin(buffers[..^1])!;
        Assert.Equal(sparse && !becomesDense, joined.IsSparse);
        Assert.All(buffers, buffer => Assert.Equal(0, buffer.Bytes));
        Assert.Equal(joined.Bytes, memory.Bytes - (sparse && !becomesDense ? sizeof(int) : 0));
        var whole = joined.ToExamples();
        Assert.Equal(Catalogue.Rows(rows).Select(row => (float)row), whole.Targets);
        Assert.Equal(Catalogue.Rows(rows).Select(row => 1f + row), whole.Weights!);
        Assert.Equal(Catalogue.Rows(rows).Select(row => -(long)row), whole.Groups!);
        for (var row = 0; row < table.Rows; row++)
        {
            table.CopyFeaturesTo(row, expected);
            whole.CopyFeaturesTo(row, found);
            SameBits.Assert<float>(expected, found, $"row {row}");
        }
    }

    [Fact]
    public void MomentsInPartsAreThoseOfTheWhole()
    {
        var numbers = new double[10_000];
        new TorchRandom(1).FillNormal<double>(numbers, 1e6, 3);
        var parts = default(Moments);
        foreach (var part in numbers.Chunk(77))
        {
            parts = parts.With(Moments.Of(part.Length, i => part[i]));
        }

        var whole = Moments.Of(numbers.Length, i => numbers[i]);
        Assert.Equal(whole.Count, parts.Count);
        // A sum of 10,000 numbers of 1e6 in doubles.
        Assert.Equal(whole.Mean, parts.Mean, 1e-8);
        Assert.Equal(whole.Deviation, parts.Deviation, 1e-8);
    }

    private static CappedRows<float> Cached(Examples<float> table, TrainingOptions options, Func<int, long>? groupOf = null)
    {
        var rows = new CappedRows<float>(
            Streamed.Network, options, new(Streamed.Columns, 1, true, groupOf is not null), options.ValidationFraction, null);
        for (var row = 0; row < table.Rows; row++)
        {
            // The weight says which row it is.
            rows.Add(RowOf(table, row), [table.Targets[row]], 1 + row, groupOf?.Invoke(row) ?? 0);
        }

        rows.Complete();
        Assert.True(rows.AreCached);
        return rows;
    }

    /// <summary>A row as it is given.</summary>
    private static FeatureRow<float> RowOf(Examples<float> table, int row)
    {
        if (table.SparseFeatures is { } sparse)
        {
            var own = sparse.RowStarts[row]..sparse.RowStarts[row + 1];
            return new(sparse.ColumnIndices[own], sparse.Values[own]);
        }

        return new(table.Features.AsSpan(row * Streamed.Columns, Streamed.Columns));
    }

    /// <summary>The rows of a pass, by their weights; each must be as it was given.</summary>
    private static List<int> Visit(RowSource<float> source, int batch, Examples<float> table)
    {
        var (visited, expected, found) = (new List<int>(), new float[Streamed.Columns], new float[Streamed.Columns]);
        while (source.Position < source.Rows)
        {
            var next = source.Next((int)Math.Min(batch, source.Rows - source.Position));
            foreach (var place in next.Rows)
            {
                var row = (int)next.Table.Weights![place] - 1;
                visited.Add(row);
                table.CopyFeaturesTo(row, expected);
                next.Table.CopyFeaturesTo(place, found);
                SameBits.Assert<float>(expected, found, $"row {row}");
                Assert.Equal(table.Targets[row], next.Table.Targets[place]);
            }
        }

        source.End();
        return visited;
    }
}
