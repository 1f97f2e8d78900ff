using System.Runtime.ExceptionServices;

namespace Backprop.Planning;

/// <summary>Threads that stay: each run costs one dispatch, and between the phases of a run they meet at a barrier.</summary>
/// <remarks>
/// Within a run threads spin, giving way to others after a moment; between runs they spin for a moment, then park, so that nothing burns
/// while nothing runs.
/// </remarks>
internal sealed class Workers : IDisposable
{
    private const int SpinsBeforeParking = 2000;
    private readonly Thread[] threads;
    private readonly object gate = new();
    private Action<int>? body;
    private int generation;
    private int running;
    private int arrived;
    private int phase;
    private Exception? failure;
    private volatile bool stopping;

    /// <summary>Starts one thread fewer than <paramref name="count"/>: the caller of <see cref="Run"/> is the first worker.</summary>
    public Workers(int count)
    {
        threads = [.. Enumerable.Range(1, count - 1).Select(index => new Thread(() => Work(index)) { IsBackground = true, Name = $"Backprop {index}" })];
        foreach (var thread in threads)
        {
            thread.Start();
        }
    }

    /// <summary>Workers, the caller included.</summary>
    public int Count => threads.Length + 1;

    /// <summary>Runs the body on every worker, which is told its number from 0, and waits for all.</summary>
    /// <exception cref="Exception">What the first body that failed threw.</exception>
    public void Run(Action<int> work)
    {
        ObjectDisposedException.ThrowIf(stopping, this);
        failure = null;
        (body, running) = (work, threads.Length);
        lock (gate)
        {
            generation++;
            Monitor.PulseAll(gate);
        }

        Guarded(0);
        for (var spinner = new SpinWait(); Volatile.Read(ref running) > 0;)
        {
            spinner.SpinOnce(sleep1Threshold: -1);
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Called by every worker of a run: waits until all have come.</summary>
    public void Barrier()
    {
        var now = Volatile.Read(ref phase);
        if (Interlocked.Increment(ref arrived) == Count)
        {
            Volatile.Write(ref arrived, 0);
            Interlocked.Increment(ref phase);
            return;
        }

        for (var spinner = new SpinWait(); Volatile.Read(ref phase) == now;)
        {
            spinner.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>Whether a worker of this run has failed: the others still meet at every barrier, without working.</summary>
    public bool Failed => Volatile.Read(ref failure) is not null;

    /// <summary>Notes a failure, to be thrown by <see cref="Run"/>.</summary>
    public void Fail(Exception exception) => Interlocked.CompareExchange(ref failure, exception, null);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
            Monitor.PulseAll(gate);
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }
    }

    private void Work(int index)
    {
        var seen = 0;
        while (WaitForNext(ref seen))
        {
            Guarded(index);
            Interlocked.Decrement(ref running);
        }
    }

    private bool WaitForNext(ref int seen)
    {
        for (var spin = 0; spin < SpinsBeforeParking && Volatile.Read(ref generation) == seen && !stopping; spin++)
        {
            Thread.SpinWait(20);
        }

        lock (gate)
        {
            while (generation == seen && !stopping)
            {
                Monitor.Wait(gate);
            }

            seen = generation;
            return !stopping;
        }
    }

    private void Guarded(int index)
    {
        try
        {
            body!(index);
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }
}
