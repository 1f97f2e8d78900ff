using System.Runtime.ExceptionServices;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Planning;

/// <summary>Work in phases, one after the other, each of tasks that may run at the same time.</summary>
internal interface IPhasedWork
{
    /// <summary>The number of phases.</summary>
    int Phases { get; }

    /// <summary>The number of tasks of a phase, below 2²⁴.</summary>
    int Tasks(int phase);

    /// <summary>Runs one task of a phase on the worker of that number.</summary>
    void Run(int phase, int task, int worker);
}

/// <summary>Threads that stay and help the caller of a run with its tasks.</summary>
/// <remarks>
/// Tasks are claimed one by one, and whoever completes a phase's last one opens the next phase. So nobody waits for a thread that the
/// operating system has stopped, unless it holds a task. A thread without a task spins for a moment, then parks: nothing burns while
/// nothing runs.
/// </remarks>
internal sealed class Workers : IDisposable
{
    private const int TaskBits = 24;

    // About 0.1 ms, more than most phases take: waking a parked thread costs about as much.
    private const int SpinsBeforeParking = 4000;

    private readonly Thread[] threads;
    private readonly object gate = new();
    private IPhasedWork? work;
    private int phase;
    private int tasks;
    private int done;
    private int parked;
    private bool running;
    private Exception? failure;
    private volatile bool stopping;

    // The number of phases opened so far, and below it the number of tasks of the latest that nobody has claimed. Because both are
    // claimed in one exchange, a thread that read an old state cannot claim a task of a new phase by mistake.
    private long ticket;

    /// <summary>Starts one thread fewer than <paramref name="count"/>: the caller of <see cref="Run"/> is worker 0.</summary>
    public Workers(int count)
    {
        threads = [.. Enumerable.Range(1, count - 1).Select(index => new Thread(() => Help(index)) { IsBackground = true, Name = $"Backprop {index}" })];
        foreach (var thread in threads)
        {
            thread.Start();
        }
    }

    /// <summary>Workers, the caller included.</summary>
    public int Count => threads.Length + 1;

    /// <summary>Runs every task of every phase and returns when all are done.</summary>
    /// <exception cref="Exception">What the first task that failed threw; tasks claimed after it are left out.</exception>
    public void Run(IPhasedWork newWork)
    {
        ObjectDisposedException.ThrowIf(stopping, this);
        if (Interlocked.Exchange(ref running, true))
        {
            throw new InvalidOperationException("These workers are in the middle of a run. Use a training step or a gradient pass on one thread at a time.");
        }

        (work, failure) = (newWork, null);
        Open(0);
        for (var spinner = new Spinner(); Volatile.Read(ref running);)
        {
            if (TryRunTask(0))
            {
                spinner = new();
            }
            else
            {
                spinner.Spin();
            }
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

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

    private void Help(int worker)
    {
        for (var spinner = new Spinner(); !stopping;)
        {
            if (TryRunTask(worker))
            {
                spinner = new();
            }
            else if (spinner.Spins < SpinsBeforeParking)
            {
                spinner.Spin();
            }
            else
            {
                Park();
                spinner = new();
            }
        }
    }

    private bool TryRunTask(int worker)
    {
        var seen = Volatile.Read(ref ticket);
        var task = (int)(seen & ((1 << TaskBits) - 1)) - 1;
        if (task < 0 || Interlocked.CompareExchange(ref ticket, seen - 1, seen) != seen)
        {
            return false;
        }

        // Read while the task is held: once it is done, another thread may open the next phase.
        var (current, all) = (phase, tasks);
        try
        {
            if (Volatile.Read(ref failure) is null)
            {
                work!.Run(current, task, worker);
            }
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref failure, exception, null);
        }

        if (Interlocked.Increment(ref done) == all)
        {
            Open(current + 1);
        }

        return true;
    }

    /// <summary>Opens the next phase that has tasks, or ends the run. No task is held by anyone now.</summary>
    private void Open(int next)
    {
        while (next < work!.Phases && work.Tasks(next) == 0)
        {
            next++;
        }

        if (next == work.Phases)
        {
            Volatile.Write(ref running, false);
            return;
        }

        (phase, tasks, done) = (next, work.Tasks(next), 0);
        Interlocked.Exchange(ref ticket, (((ticket >> TaskBits) + 1) << TaskBits) + tasks);
        if (tasks > 1 && Volatile.Read(ref parked) > 0)
        {
            lock (gate)
            {
                Monitor.PulseAll(gate);
            }
        }
    }

    private void Park()
    {
        lock (gate)
        {
            // Either this sees the ticket of a new phase, or whoever opened it sees this.
            Interlocked.Increment(ref parked);
            if ((Volatile.Read(ref ticket) & ((1 << TaskBits) - 1)) == 0 && !stopping)
            {
                Monitor.Wait(gate);
            }

            Interlocked.Decrement(ref parked);
        }
    }

    /// <summary>Waits a little, and after many times gives way to other threads.</summary>
    private struct Spinner
    {
        public int Spins { get; private set; }

        public void Spin()
        {
            if (++Spins > SpinsBeforeParking)
            {
                Thread.Yield();
            }
            else if (X86Base.IsSupported)
            {
                X86Base.Pause();
            }
            else
            {
                Thread.SpinWait(1);
            }
        }
    }
}
