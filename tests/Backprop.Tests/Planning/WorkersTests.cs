using System.Diagnostics;
using Backprop.Planning;

namespace Backprop.Tests.Planning;

/// <summary>The workers under stress: many runs, phases in order, failures, parking, several sets at once.</summary>
public class WorkersTests
{
    public static TheoryData<int, int[]> Shapes => new()
    {
        { 1, [3, 1] }, { 2, [1] }, { 2, [5, 0, 1, 7] }, { 3, [1, 1, 1, 1] }, { 5, [100, 2, 30] }, { 8, [0, 0, 9] }, { 3, [0] }, { 2, [] },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void EveryTaskRunsOnceAndAfterAllTasksOfThePhasesBefore(int count, int[] tasks)
    {
        using var workers = new Workers(count);
        for (var run = 0; run < 300; run++)
        {
            var (ran, tooEarly) = (tasks.Select(n => new int[n]).ToArray(), 0);
            workers.Run(new Phases(tasks, (phase, task, worker) =>
            {
                Assert.InRange(worker, 0, count - 1);
                if (ran.Take(phase).Any(earlier => earlier.Any(times => Volatile.Read(ref times) != 1)))
                {
                    Interlocked.Increment(ref tooEarly);
                }

                Interlocked.Increment(ref ran[phase][task]);
            }));
            Assert.Equal(0, tooEarly);
            Assert.All(ran, phase => Assert.All(phase, times => Assert.Equal(1, times)));
        }
    }

    [Fact]
    public void PhasesKeepTheirOrderWhenThreadsAreStoppedInBetween()
    {
        // More threads than cores, and counts at which a late thread could take another phase for its own: for a while, not a number of runs.
        var clock = Stopwatch.StartNew();
        Parallel.For(0, 3 * Environment.ProcessorCount, new() { MaxDegreeOfParallelism = 3 * Environment.ProcessorCount }, set =>
        {
            int[] tasks = set % 2 == 0 ? [2, 1, 2, 1, 2, 1] : [5, 3, 5, 2];
            using var workers = new Workers(2 + set % 2);
            var (done, outOfOrder) = (0, 0);
            var starts = tasks.Select((_, phase) => tasks.Take(phase).Sum()).ToArray();
            while (clock.Elapsed < TimeSpan.FromSeconds(3))
            {
                done = 0;
                workers.Run(new Phases(tasks, (phase, _, _) =>
                {
                    if (Volatile.Read(ref done) < starts[phase])
                    {
                        Interlocked.Increment(ref outOfOrder);
                    }

                    Interlocked.Increment(ref done);
                }));
                Assert.Equal((tasks.Sum(), 0), (done, outOfOrder));
            }
        });
    }

    [Fact]
    public void ASecondRunInTheMiddleOfOneIsAnError()
    {
        using var workers = new Workers(2);
        var error = Assert.Throws<InvalidOperationException>(() => workers.Run(new Phases([1], (_, _, _) => workers.Run(new Phases([1], (_, _, _) => { })))));
        Assert.Contains("one thread at a time", error.Message);
        Assert.Equal(3, CountTasks(workers, 3));
    }

    [Fact]
    public void AFailureReachesTheCallerLeavesOutTheRestAndTheNextRunWorks()
    {
        using var workers = new Workers(3);
        for (var run = 0; run < 100; run++)
        {
            var later = 0;
            var error = Assert.Throws<InvalidOperationException>(() => workers.Run(new Phases([10, 10], (phase, task, _) =>
            {
                if ((phase, task) == (0, 4))
                {
                    throw new InvalidOperationException("task 4 fails");
                }

                Interlocked.Add(ref later, phase);
            })));
            Assert.Equal(("task 4 fails", 0), (error.Message, later));
            Assert.Equal(20, CountTasks(workers, 20));
        }
    }

    [Fact]
    public void WhenEveryTaskFailsTheFirstFailureIsTold()
    {
        using var workers = new Workers(4);
        Assert.Throws<InvalidOperationException>(() => workers.Run(new Phases([50], (_, task, _) => throw new InvalidOperationException($"{task}"))));
        Assert.Equal(7, CountTasks(workers, 7));
    }

    [Fact]
    public void ParkedWorkersWake()
    {
        using var workers = new Workers(3);
        for (var i = 0; i < 5; i++)
        {
            Thread.Sleep(30);
            // Each task waits for the others, so that it takes all three workers to end the run.
            using var all = new Barrier(3);
            workers.Run(new Phases([3], (_, _, _) => Assert.True(all.SignalAndWait(TimeSpan.FromSeconds(60)), "A parked worker did not come.")));
        }
    }

    [Fact]
    public void ARunDoesNotWaitForAWorkerThatDoesNotCome()
    {
        using var workers = new Workers(2);
        using var held = new ManualResetEventSlim();
        using var helper = new ManualResetEventSlim();
        // The helper is inside a task of one run; the caller alone does all the other tasks of its phase meanwhile.
        var callers = 0;
        workers.Run(new Phases([40], (_, _, worker) =>
        {
            if (worker == 1)
            {
                helper.Set();
                Assert.True(held.Wait(TimeSpan.FromSeconds(60)));
                return;
            }

            Assert.True(helper.Wait(TimeSpan.FromSeconds(60)), "The helper did not come.");
            if (++callers == 39)
            {
                held.Set();
            }
        }));
        Assert.Equal(39, callers);
    }

    [Fact]
    public void SeveralSetsRunAtTheSameTime()
        => Parallel.For(0, 6, _ =>
        {
            using var workers = new Workers(3);
            for (var i = 0; i < 50; i++)
            {
                Assert.Equal(12, CountTasks(workers, 12));
            }
        });

    [Fact]
    public void StartingAndStoppingManyTimesEndsEveryThread()
    {
        for (var i = 0; i < 100; i++)
        {
            using var workers = new Workers(4);
            if (i % 2 == 0)
            {
                Assert.Equal(5, CountTasks(workers, 5));
            }
        }
    }

    [Fact]
    public void DisposingTwiceIsHarmlessAndRunningAfterwardsIsAnError()
    {
        var workers = new Workers(2);
        workers.Dispose();
        workers.Dispose();
        Assert.Throws<ObjectDisposedException>(() => workers.Run(new Phases([1], (_, _, _) => { })));
    }

    private static int CountTasks(Workers workers, int tasks)
    {
        var ran = 0;
        workers.Run(new Phases([tasks], (_, _, _) => Interlocked.Increment(ref ran)));
        return ran;
    }

    private sealed class Phases(int[] tasks, Action<int, int, int> run) : IPhasedWork
    {
        int IPhasedWork.Phases => tasks.Length;

        public int Tasks(int phase) => tasks[phase];

        public void Run(int phase, int task, int worker) => run(phase, task, worker);
    }
}
