namespace Backprop.Tests;

/// <summary>Counts what the calling thread allocates.</summary>
internal static class Allocations
{
    /// <summary>Bytes allocated by an action that can be repeated.</summary>
    /// <remarks>A garbage collection in between, which other tests may cause, counts what was left of the thread's own piece of the heap: then again.</remarks>
    public static long Of(Action action)
    {
        while (true)
        {
            var (collections, before) = (GC.CollectionCount(0), GC.GetAllocatedBytesForCurrentThread());
            action();
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (GC.CollectionCount(0) == collections)
            {
                return allocated;
            }
        }
    }
}
