namespace Backprop.Models;

/// <summary>Objects that one thread at a time uses, kept for the next: without locking, and without allocating once they are made.</summary>
/// <param name="make">Makes another.</param>
internal sealed class Pool<TItem>(Func<TItem> make) where TItem : class
{
    // More than processors, because the system may stop a thread that holds one; a burst of threads leaves no more behind than these.
    private readonly TItem?[] kept = new TItem?[4 * Environment.ProcessorCount];

    /// <summary>One that nobody else uses; the caller gives it back.</summary>
    public TItem Take()
    {
        for (var (i, at) = (0, First()); i < kept.Length; i++, at = Next(at))
        {
            if (Volatile.Read(ref kept[at]) is not null && Interlocked.Exchange(ref kept[at], null) is { } item)
            {
                return item;
            }
        }

        return make();
    }

    /// <summary>Takes it back.</summary>
    public void Return(TItem item)
    {
        for (var (i, at) = (0, First()); i < kept.Length; i++, at = Next(at))
        {
            if (Volatile.Read(ref kept[at]) is null && Interlocked.CompareExchange(ref kept[at], item, null) is null)
            {
                return;
            }
        }
    }

    // Threads of different processors begin at different places.
    private int First() => Thread.GetCurrentProcessorId() % kept.Length;

    private int Next(int at) => at + 1 < kept.Length ? at + 1 : 0;
}
