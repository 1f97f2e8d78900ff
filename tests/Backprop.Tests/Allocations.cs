namespace Backprop.Tests;

/// <summary>Counts what the calling thread allocates.</summary>
internal static class Allocations
{
    /// <summary>The fewest bytes of a few runs after a first one, which may make room.</summary>
    /// <remarks>
    /// The fewest: a garbage collection that another test causes may count the rest of this thread's current allocation block, up to
    /// 8 KiB, as allocated.
    /// </remarks>
    public static long Of(Action run)
    {
        run();
        return Enumerable.Range(0, 5).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            run();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
    }
}
