namespace Backprop.Tests;

/// <summary>Counts what the calling thread allocates.</summary>
internal static class Allocations
{
    /// <summary>The fewest bytes of a few runs of an action.</summary>
    /// <remarks>The fewest: a garbage collection that another test causes counts what was left of the thread's own piece of the heap.</remarks>
    public static long Of(Action action) => Enumerable.Range(0, 8).Min(_ =>
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    });
}
