using System.Numerics;

namespace Backprop.Training;

/// <summary>Rows in a file, shuffled and cut into segments, and the two buffers through which they come back.</summary>
/// <param name="buffer">The buffer that rows are collected in, full for the first time; reading takes it over.</param>
/// <param name="memory">Counts what is kept.</param>
/// <param name="folder">Of the file; null for the system's temporary folder.</param>
/// <param name="written">Sees all bytes that are written, or null.</param>
internal sealed class RowCache<T>(RowBlock<T> buffer, RowMemory memory, string? folder, Action<ReadOnlySpan<byte>>? written) : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int LeastSegmentBytes = 1 << 14;
    private const int SegmentsOfCap = 1 << 10;
    private readonly RowFile file = new(folder);
    private readonly RowBlock<T> segment = buffer.NewAlike();
    private readonly long segmentBytes = Math.Max(LeastSegmentBytes, memory.Cap / SegmentsOfCap);

    /// <summary>Bytes in the file.</summary>
    public long Bytes => file.Length;

    /// <summary>Adds a run of rows to a list, in that order.</summary>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    public void Write(RowBlock<T> rows, ReadOnlySpan<int> order, SegmentList list)
    {
        foreach (var row in order)
        {
            if (segment.Rows > 0 && rows.DataBytes(segment.Rows + 1, segment.NonZeros + rows.NonZerosOf(row)) > segmentBytes)
            {
                End(list);
            }

            segment.TryAdd(rows, row);
        }

        End(list);
        list.EndRun();
    }

    /// <summary>Ends writing: what was needed for it is given back.</summary>
    public BlockReader<T> ToReader()
    {
        segment.Release();
        var second = buffer.NewAlike();
        second.Resize(buffer.RowCapacity, buffer.NonZeroCapacity);
        return new(file, buffer, second);
    }

    public void Dispose() => file.Dispose();

    private void End(SegmentList list)
    {
        if (segment.Rows == 0)
        {
            return;
        }

        list.Add(new(file.Length, segment.Rows, segment.NonZeros));
        segment.Save(bytes =>
        {
            file.Write(bytes);
            written?.Invoke(bytes);
        });
        segment.Clear();
    }
}
