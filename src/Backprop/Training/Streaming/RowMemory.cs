using System.Runtime.CompilerServices;

namespace Backprop.Training;

/// <summary>The memory that rows of data take: every buffer of them is made here, and counted. Who makes one keeps to the cap.</summary>
/// <param name="cap">The most bytes, which buffers of rows are sized by; nothing is refused here.</param>
internal sealed class RowMemory(long cap)
{
    /// <summary>The most bytes that are to be in use.</summary>
    public long Cap => cap;

    /// <summary>Bytes in use.</summary>
    public long Bytes { get; private set; }

    /// <summary>The most that were in use at a time.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Makes an array longer or shorter; while its content is copied, both count.</summary>
    public void Resize<TItem>(ref TItem[] array, int length) where TItem : unmanaged
    {
        if (length == array.Length)
        {
            return;
        }

        Take<TItem>(length);
        // Not cleared: what is beyond the old content is written before it is read.
        var resized = GC.AllocateUninitializedArray<TItem>(length);
        array.AsSpan(0, Math.Min(array.Length, length)).CopyTo(resized);
        Take<TItem>(-array.Length);
        array = resized;
    }

    /// <summary>Counts items that begin to be kept, or with a negative number no longer are.</summary>
    public void Take<TItem>(long items) where TItem : unmanaged
    {
        Bytes += items * Unsafe.SizeOf<TItem>();
        PeakBytes = Math.Max(PeakBytes, Bytes);
    }
}
