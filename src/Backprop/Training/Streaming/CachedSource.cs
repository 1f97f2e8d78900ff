using System.Numerics;
using System.Security.Cryptography;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>
/// Rows in a file: a pass reads segments in random order, as many as a buffer holds, and visits the buffer's rows in random order.
/// </summary>
/// <param name="reader">Reads segments; one pass at a time.</param>
/// <param name="segments">Where the rows lie.</param>
/// <param name="anyCounts">Whether a row counts in the loss.</param>
/// <param name="identity">Tells the file's content from others, and how it is read; null where nothing asks for it.</param>
internal sealed class CachedSource<T>(BlockReader<T> reader, SegmentList segments, bool anyCounts, byte[]? identity) : RowSource<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private byte[]? randomBefore;

    public override long Rows => segments.Rows;

    public override bool SparseFeatures => reader.SparseFeatures;

    public override void Shuffle(TorchRandom random, int batch)
    {
        randomBefore = random.SaveState();
        segments.Shuffle(random);
        reader.Begin(segments, batch, random);
        Position = 0;
    }

    public override void Rewind(int batch)
    {
        segments.Rewind();
        reader.Begin(segments, batch, shuffles: null);
        Position = 0;
    }

    public override void AppendTo(IncrementalHash hash) => hash.Append<byte>(identity);

    public override bool AnyCounts(Model model) => anyCounts;

    /// <remarks>A pass is told by the generator's state before it; going on reads again what it had read.</remarks>
    public override void Exchange(StateStream stream, TorchRandom random, int batch)
    {
        var (before, position) = (Position < 0 ? random.SaveState() : randomBefore!, Position);
        stream.Exchange(before.AsSpan());
        stream.Exchange(ref position);
        if (!stream.Loads)
        {
            return;
        }

        random.Restore(before);
        End();
        if (position >= 0)
        {
            Shuffle(random, batch);
            while (Position < position)
            {
                Next((int)Math.Min(batch, position - Position));
            }
        }
    }

    private protected override FeatureSample<T> Choose(int most, TorchRandom random)
    {
        var (wanted, chosen, columns) = ((int)Math.Min(most, Rows), 0, reader.FeatureColumns);
        var features = new T[wanted * columns];
        for (Rewind(1); Position < Rows && chosen < wanted;)
        {
            // Knuth's algorithm S: of the rows that are left, as many as are still wanted.
            var left = Rows - Position;
            var batch = Next(1);
            if (random.NextUInt32() % left < wanted - chosen)
            {
                batch.Table.CopyFeaturesTo(batch.Rows[0], features.AsSpan(chosen++ * columns, columns));
            }
        }

        End();
        return new(features, columns, [.. Enumerable.Range(0, wanted)]);
    }

    private protected override RowBatch<T> Take(int rows) => reader.Next(segments, rows);
}
